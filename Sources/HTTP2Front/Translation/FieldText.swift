import HTTPFraming

/// What the names and the values of fields may consist of: nothing that could end a line of HTTP/1.1, or a part of one, gets past
/// these rules.
enum FieldText {
    /// RFC 9113 8.2.1: a token (RFC 9110 5.6.2) without upper-case letters.
    static func check(name: String) throws(MalformedMessage) {
        guard !name.isEmpty else { throw .fieldName }
        for byte in name.utf8 where !byte.isToken || byte.lowercased != byte { throw .fieldName }
        // RFC 9113 8.2.2.
        switch name {
        case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": throw .connectionField
        default: break
        }
    }

    /// RFC 9110 5.5 and RFC 9113 8.2.1.
    static func check(value: String) throws(MalformedMessage) {
        guard let first = value.utf8.first, let last = value.utf8.last else { return }
        guard !first.isWhitespace, !last.isWhitespace else { throw .fieldValue }
        for byte in value.utf8 where byte.isForbiddenInLine { throw .fieldValue }
    }

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(\.isToken)
    }

    /// Whether it can stand in a request line without ending its part of it.
    static func isTarget(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(\.isTarget)
    }

    /// RFC 3986 3.1.
    static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first | 0x20 else { return false }
        return text.utf8.allSatisfy { byte in
            byte.isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 && byte >= UInt8(ascii: "A")
                || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    /// RFC 9110 8.6: digits, nothing else; nil as well for a number that is too large.
    static func length(_ text: String) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int64(text)
    }

    static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8) { $0.lowercased == $1.lowercased }
    }
}
