public import AccessControl

/// What a proxy says in front of a connection's first byte of whom it connects: the PROXY protocol, versions 1 and 2 (HAProxy's
/// doc/proxy-protocol.txt).
public struct ProxyHeader: Equatable, Sendable {
    /// From where the proxy's client came; nil: it is the proxy's own connection, such as a probe of its, or the proxy can't
    /// say, or it was no TCP.
    public let client: IPAddress?
    /// Of the header, in bytes. What follows is the connection's.
    public let length: Int

    /// A longer one is refused: HAProxy itself takes none that doesn't fit into its buffer.
    public static let longest = 16 << 10

    public init(client: IPAddress?, length: Int) {
        self.client = client
        self.length = length
    }

    /// What was made of a connection's first bytes.
    public enum Reading: Equatable, Sendable {
        /// These may be the beginning of one.
        case needsMore
        case header(ProxyHeader)
        case refused(ProxyHeaderError)
    }

    /// Reads what stands in front of a connection.
    ///
    /// - Parameter bytes: all that came so far. Whatever follows on these, what was said of them without ``Reading/needsMore``
    ///   stays.
    public static func read(_ bytes: some Sequence<UInt8>) -> Reading {
        let bytes = Array(bytes.prefix(longest + 1))
        guard let first = bytes.first else { return .needsMore }
        return first == ProxyHeaderV2.signature[0] ? ProxyHeaderV2.read(bytes) : ProxyHeaderV1.read(bytes)
    }
}
