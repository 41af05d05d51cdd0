import Balancer
import ServiceLifecycle

/// A service that begins when the balancer listens: what it starts costs more than to find out that a port is taken.
struct AfterListening: Service {
    /// Where it does; at most one.
    let addresses: AsyncStream<ListeningAddresses>
    let body: @Sendable (ListeningAddresses) async throws -> Void

    func run() async throws {
        let found: ListeningAddresses? = await cancelWhenGracefulShutdown {
            for await addresses in addresses { return addresses }
            return nil
        }
        guard let found else { return }
        try await body(found)
    }
}
