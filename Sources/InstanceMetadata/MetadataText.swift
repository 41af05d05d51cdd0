/// Texts in answers.
enum MetadataText {
    /// One word of visible ASCII, a line's end after it aside; nil: something else.
    static func word(_ body: [UInt8]) -> String? {
        var bytes = body[...]
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard (1...1024).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
