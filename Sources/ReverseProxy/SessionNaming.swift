import HTTPFraming

/// Where the head of a request says which session it belongs to.
public struct SessionNaming: Equatable, Sendable {
    public static let standard = SessionNaming()

    private let fields: [[UInt8]]
    private let cookie: [UInt8]?

    /// - Parameters:
    ///   - fields: names of header fields; of several that a request has, the first in this list counts.
    ///   - cookie: the name of the cookie that counts where there is none of these; nil: no cookie does.
    public init(fields: [String] = ["X-Session-Id", "X-Conversation-Id"], cookie: String? = nil) {
        self.fields = fields.map { Array($0.lowercased().utf8) }
        self.cookie = cookie.map { Array($0.utf8) }
    }

    /// The name of the session; nil: the head gives none. O(head).
    func value(in head: borrowing RequestHead, _ bytes: Span<UInt8>) -> Range<Int>? {
        for field in fields {
            if let value = head.value(of: field, in: bytes), !value.isEmpty { return value }
        }
        guard let cookie else { return nil }
        for line in head.fields where line.field == .cookie {
            if let value = Self.value(of: cookie, in: bytes, line.value) { return value }
        }
        return nil
    }

    /// RFC 6265 4.2.1: pairs with a semicolon and a space between them. Names are case-sensitive.
    private static func value(of cookie: [UInt8], in bytes: Span<UInt8>, _ pairs: Range<Int>) -> Range<Int>? {
        var start = pairs.lowerBound
        while start < pairs.upperBound {
            var end = start
            while end < pairs.upperBound, bytes[end] != UInt8(ascii: ";") { end += 1 }
            while start < end, bytes[start] == UInt8(ascii: " ") { start += 1 }
            let value = start + cookie.count + 1
            if value < end, bytes[value - 1] == UInt8(ascii: "="),
                cookie.indices.allSatisfy({ bytes[start + $0] == cookie[$0] })
            {
                return value..<end
            }
            start = end + 1
        }
        return nil
    }
}
