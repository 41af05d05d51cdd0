import HTTPFraming

/// The management listener's cookies. Cookies know no ports: a browser sends them to every server on the same host, and with
/// one of these a llama-server could do what its owner can.
enum OwnCookies {
    /// Whether one of them may be in the value of a `Cookie` field.
    static func mayBe(in value: borrowing Span<UInt8>) -> Bool {
        guard value.count >= name.utf8CodeUnitCount else { return false }
        for start in 0...(value.count - name.utf8CodeUnitCount) where begins(value, at: start, with: name) {
            return true
        }
        return false
    }

    /// Calls `body` with the ranges of the other ones, and the white space in front of all but the first, as it was: together
    /// and with a semicolon between any two they are no longer than the value.
    static func forEachOther(in value: borrowing Span<UInt8>, _ body: (Range<Int>) -> Void) {
        var start = 0
        var isFirst = true
        while start < value.count {
            var end = start
            while end < value.count, value[end] != UInt8(ascii: ";") { end += 1 }
            var lower = start
            while lower < end, isSpace(value[lower]) { lower += 1 }
            if lower < end, !isOwn(value, at: lower) {
                body(isFirst ? lower..<end : start..<end)
                isFirst = false
            }
            start = end + 1
        }
    }

    private static let name: StaticString = "paddler"
    /// RFC 6265bis 4.1.3: what browsers understand in front of a name.
    private static let prefixes: [StaticString] = ["__host-", "__secure-"]

    private static func isOwn(_ value: borrowing Span<UInt8>, at start: Int) -> Bool {
        if begins(value, at: start, with: name) { return true }
        for prefix in prefixes where begins(value, at: start, with: prefix) {
            return begins(value, at: start + prefix.utf8CodeUnitCount, with: name)
        }
        return false
    }

    /// - Parameter lowercase: letters in lower case, and `_` and `-`.
    private static func begins(_ value: borrowing Span<UInt8>, at start: Int, with lowercase: StaticString) -> Bool {
        let count = lowercase.utf8CodeUnitCount
        guard start + count <= value.count else { return false }
        for index in 0..<count {
            let byte = value[start + index]
            let lowered = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
            if lowered != lowercase.utf8Start[index] { return false }
        }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
