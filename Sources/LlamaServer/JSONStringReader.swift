/// Reads the rest of a string in JSON, piece by piece, and what its escapes stand for.
struct JSONStringReader: Sendable {
    private enum Escape {
        case none
        case backslash
        case unicode(digits: Int, value: UInt32)
    }

    private let limit: Int
    private var bytes: [UInt8] = []
    private var escape = Escape.none
    /// The first half of a character beyond U+FFFF, of which the second is to come.
    private var highSurrogate: UInt32?
    private(set) var isComplete = false

    /// - Parameter limit: in UTF-8 bytes; what is beyond is left out.
    init(limit: Int) {
        self.limit = limit
    }

    /// What isn't UTF-8 is replaced.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// - Parameter start: in the string.
    /// - Returns: the offset behind its closing quote, or the end of `source`.
    mutating func read(_ source: borrowing Span<UInt8>, from start: Int) -> Int {
        var offset = start
        while offset < source.count {
            let byte = source[offset]
            offset += 1
            switch escape {
            case .none where byte == UInt8(ascii: "\""):
                endSurrogate()
                isComplete = true
                return offset
            case .none where byte == UInt8(ascii: "\\"):
                escape = .backslash
            case .none:
                endSurrogate()
                append(byte)
            case .backslash:
                escape = byte == UInt8(ascii: "u") ? .unicode(digits: 0, value: 0) : .none
                if case .none = escape {
                    endSurrogate()
                    append(Self.character(escapedAs: byte))
                }
            case .unicode(let digits, let value):
                guard let digit = byte.hexDigit else {
                    // That is no JSON, and no server will have it.
                    escape = .none
                    offset -= 1
                    continue
                }
                let longer = value << 4 | digit
                escape = digits == 3 ? .none : .unicode(digits: digits + 1, value: longer)
                if digits == 3 { append(unit: longer) }
            }
        }
        return offset
    }

    private static func character(escapedAs byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: byte
        }
    }

    /// - Parameter unit: of UTF-16.
    private mutating func append(unit: UInt32) {
        switch unit {
        case 0xD800..<0xDC00:
            endSurrogate()
            highSurrogate = unit
        case 0xDC00..<0xE000:
            guard let high = highSurrogate else { return append(Unicode.Scalar(0xFFFD as UInt16)) }
            highSurrogate = nil
            append(Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00)))
        default:
            endSurrogate()
            append(Unicode.Scalar(unit))
        }
    }

    /// A first half without a second one.
    private mutating func endSurrogate() {
        guard highSurrogate != nil else { return }
        highSurrogate = nil
        append(Unicode.Scalar(0xFFFD as UInt16))
    }

    private mutating func append(_ scalar: Unicode.Scalar?) {
        for byte in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter { append(byte) }
    }

    private mutating func append(_ byte: UInt8) {
        if bytes.count < limit { bytes.append(byte) }
    }
}
