/// A header that is sent with spans. Its value may be a secret: not for logs.
public struct CollectorHeader: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    public let name: String
    public let value: String

    public var description: String { name }

    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }

    /// Those that say how the message is sent are not for others to choose.
    public static let reserved: Set<String> = [
        "connection", "content-encoding", "content-length", "content-type", "host", "transfer-encoding",
    ]

    /// - Parameters:
    ///   - name: a token, RFC 9110 5.6.2, and none of ``reserved``.
    ///   - value: without control characters.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
