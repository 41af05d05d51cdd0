import HTTPFraming

/// What the names and the values of fields may consist of: nothing that could end a line of HTTP/1.1, or a part of one, gets past
/// these rules.
enum FieldText {
    /// RFC 9113 8.2.1: a token (RFC 9110 5.6.2) without upper-case letters.
    static func check(name: String) throws(MalformedMessage) {
        guard consists(name, of: { $0.isToken && $0.lowercased == $0 }) else { throw .fieldName }
        // RFC 9113 8.2.2.
        switch (name.utf8.count, name) {
        case (10, "connection"), (10, "keep-alive"), (16, "proxy-connection"), (17, "transfer-encoding"),
            (7, "upgrade"):
            throw .connectionField
        default: break
        }
    }

    /// RFC 9110 5.5 and RFC 9113 8.2.1.
    static func check(value: String) throws(MalformedMessage) {
        guard let first = value.utf8.first, let last = value.utf8.last else { return }
        guard !first.isWhitespace, !last.isWhitespace, consists(value, of: { !$0.isForbiddenInLine })
        else { throw .fieldValue }
    }

    static func isToken(_ text: String) -> Bool {
        consists(text) { $0.isToken }
    }

    /// Whether it can stand in a request line without ending its part of it.
    static func isTarget(_ text: String) -> Bool {
        consists(text) { $0.isTarget }
    }

    /// RFC 3986 3.1.
    static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first | 0x20 else { return false }
        return consists(text) { byte in
            byte.isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 && byte >= UInt8(ascii: "A")
                || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    /// Of one byte at least. Strings say what they consist of much faster by their place in memory, where they have one.
    private static func consists(_ text: String, of isMember: (UInt8) -> Bool) -> Bool {
        !text.isEmpty
            && (text.utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isMember) } ?? text.utf8.allSatisfy(isMember))
    }

    /// RFC 9110 8.6: digits, nothing else; nil as well for a number that is too large.
    static func length(_ text: String) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int64(text)
    }

    static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8) { $0.lowercased == $1.lowercased }
    }
}
