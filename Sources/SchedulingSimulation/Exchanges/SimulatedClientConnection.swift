import ProxyExchange
import Scheduling

/// A connection of a client, with the proxy's value for it at this end.
final class SimulatedClientConnection {
    /// A request that was sent and has not begun, and how many of its bytes have yet to be used.
    struct Ask {
        let client: SimulatedClient
        var head: Int
        var body: Int
    }

    let knowsChunks: Bool
    var link: ClientLink
    /// In the order in which they were sent.
    var asks: [Ask] = []
    /// The one that is being answered.
    var current: SimulatedClient?
    /// In bytes, of what the client has sent: not yet read, and read but not yet used.
    var inSystem = 0
    var received = 0
    /// Whether the proxy reads it.
    var isRead = true
    /// Whether the client reads.
    var isWritable = true
    /// The client sends nothing more.
    var hasShut = false

    init(knowsChunks: Bool, at now: Instant) {
        self.knowsChunks = knowsChunks
        link = ClientLink(at: now)
    }

    var hasEnded: Bool { !link.takesBytes }
}
