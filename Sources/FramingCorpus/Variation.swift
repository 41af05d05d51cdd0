/// One of many texts that are put into the same place.
struct Variation: Sendable {
    let name: String
    let text: String

    init(_ byte: UInt8) {
        let hex = String(byte, radix: 16)
        name = byte > 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "0x" + (byte < 16 ? "0" : "") + hex
        text = String(Character(Unicode.Scalar(byte)))
    }
}

extension [Variation] {
    init(_ bytes: some Sequence<UInt8>) {
        self = bytes.map { Variation($0) }
    }

    /// Those that may stand nowhere in a head: all but HTAB, and CR and LF, which have cases of their own.
    static let controlCharacters = [Variation]((0..<0x20).filter { ![0x09, 0x0A, 0x0D].contains($0) } + [0x7F])

    /// Visible ASCII that is no digit.
    static let nonDigits = [Variation]((0x21..<0x7F).filter { !(0x30...0x39).contains($0) })

    /// Visible ASCII that is neither a hexadecimal digit nor the start of an extension.
    static let nonHexDigits = [Variation](
        (0x21..<0x7F).filter { byte in
            !(0x30...0x39).contains(byte) && !(0x41...0x46).contains(byte) && !(0x61...0x66).contains(byte)
                && byte != UInt8(ascii: ";")
        }
    )

    /// Visible ASCII that no token may have, RFC 9110 5.6.2.
    static let delimiters = [Variation]("\"(),/:;<=>?@[\\]{}".utf8)

    /// Some of the bytes beyond ASCII: the first, a no-break space, the start of UTF-8 sequences, the last.
    static let beyondASCII = [Variation]([0x80, 0x85, 0xA0, 0xC2, 0xE2, 0xF0, 0xFF])
}
