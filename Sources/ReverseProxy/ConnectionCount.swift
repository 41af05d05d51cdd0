import Synchronization

/// How many connections are open, over all event loops, against the limit for those of clients.
final class ConnectionCount: Sendable {
    enum Admission: Equatable {
        case served
        /// To be told why not.
        case refused
        /// There are too many who are being told.
        case dropped
    }

    let limit: Int
    private let clients = Atomic<Int>(0)
    private let upstreams = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// One more client; to be taken back with ``clientClosed()``, whatever becomes of it.
    func clientOpened() -> Admission {
        let count = clients.wrappingAdd(1, ordering: .relaxed).newValue
        if count <= limit { return .served }
        return count - limit <= ReverseProxyConfiguration.maximumRefusedConnections ? .refused : .dropped
    }

    func clientClosed() {
        clients.wrappingSubtract(1, ordering: .relaxed)
    }

    func upstreamOpened() {
        upstreams.wrappingAdd(1, ordering: .relaxed)
    }

    func upstreamClosed() {
        upstreams.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Whether a connection to an upstream may be kept for later. With one in use for each client, and as many kept, there
    /// are never more than three descriptors for each client.
    var hasRoomForIdle: Bool { upstreams.load(ordering: .relaxed) <= limit }
}
