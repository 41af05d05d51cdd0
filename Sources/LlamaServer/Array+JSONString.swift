extension [UInt8] {
    /// RFC 8259 7: quote, backslash and everything below a space must be escaped; nothing else need be.
    mutating func appendQuoted(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case UInt8(ascii: "\n"):
                self += #"\n"#.utf8
            case 0..<0x20:
                self += byte < 0x10 ? #"\u000"#.utf8 : #"\u00"#.utf8
                self += String(byte, radix: 16).utf8
            default:
                append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
