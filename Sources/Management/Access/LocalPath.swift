/// A path on this server, to which a browser may be sent: nothing that a browser could take for another server's.
struct LocalPath: Equatable, Sendable {
    static let maximumBytes = 1024

    let text: String

    /// - Parameter text: percent-encoded, with a query or without.
    init?(_ text: String) {
        // Browsers read "//host" and "/\host" as another host.
        guard text.utf8.count <= Self.maximumBytes, text.hasPrefix("/"), !text.hasPrefix("//"),
            text.utf8.allSatisfy(Self.isPlain)
        else { return nil }
        self.text = text
    }

    /// As a reference from another path of this server (RFC 3986 4.2): it holds as well where a proxy in front serves all of
    /// it below a prefix that only the browser knows.
    func reference(from path: String) -> String {
        let levels = path.prefix { $0 != "?" }.count { $0 == "/" } - 1
        return (levels > 0 ? String(repeating: "../", count: levels) : "./") + text.dropFirst()
    }

    init(_ literal: StaticString) {
        text = literal.description
    }

    /// What stands in a path or a query as it is (RFC 3986 3.3, 3.4), quotes left out.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "/?-._~!$&()*+,;=:@%".utf8.contains(byte)
        }
    }
}
