import ReverseProxy
import ServiceLifecycle

/// The reverse proxy as one service of the balancer.
struct ReverseProxyListener: Service {
    let server: ReverseProxyServer
    let announcement: ListenerAnnouncement

    func run() async throws {
        let running = try await announcement.telling(.reverseProxy) { try await server.bind() }
        announcement.bound(.reverseProxy, at: running.address)
        // Throws when the task is cancelled: then there is nothing to wait for.
        let isGraceful = (try? await gracefulShutdown()) != nil
        if isGraceful { await server.drain(running) }
        await server.close(running)
    }
}
