import ReverseProxy
import ServiceLifecycle

/// The reverse proxy as one service of the balancer.
struct ReverseProxyListener: Service {
    let server: ReverseProxyServer
    let announcement: ListenerAnnouncement
    /// nil: the port is nobody else's.
    let handover: Handover?

    func run() async throws {
        let running = try await announcement.telling(.reverseProxy) { try await server.bind() }
        announcement.bound(.reverseProxy, at: running.address)
        let isGraceful = await withTaskGroup { tasks in
            tasks.addTask { await handover?.keepPort(server, running) }
            defer { tasks.cancelAll() }
            // Throws when the task is cancelled: then there is nothing to wait for.
            return (try? await gracefulShutdown()) != nil
        }
        if isGraceful {
            let isPassedOn = await handover?.passPorts(server, running) ?? false
            await server.drain(running, isPassedOn: isPassedOn)
        }
        await server.close(running)
    }
}
