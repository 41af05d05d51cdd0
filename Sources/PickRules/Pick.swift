package import ExtProcMessages
package import NIOCore

/// Where a request goes, and as what.
package struct Pick: Equatable, Sendable {
    /// An IP address and a port, an IPv6 one in brackets.
    package let destination: String
    /// Fields of the request that the server gets instead of the client's.
    package var set: [HeaderFields.Field] = []
    /// Those that it doesn't get.
    package var remove: [String] = []
    /// The body as the server gets it; nil: as it came, if Envoy has kept it.
    package var body: ByteBuffer?

    package init(_ destination: String) {
        self.destination = destination
    }
}
