import ReverseProxy
import ServiceLifecycle

/// The reverse proxy as one service of the balancer.
struct ReverseProxyListener: Service {
    let server: ReverseProxyServer
    let announcement: ListenerAnnouncement
    /// nil: the port is nobody else's.
    let handover: Handover?

    func run() async throws {
        let running = try await bind()
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

    private func bind() async throws -> ReverseProxyServer.Running {
        var running = try await announcement.telling(.reverseProxy) { try await server.bind() }
        do {
            running = try await announcement.telling(.endpointPicker) { try await server.bindPicker(running) }
        } catch {
            await server.close(running)
            throw error
        }
        announcement.bound(.reverseProxy, at: running.address)
        if let address = running.pickerAddress { announcement.bound(.endpointPicker, at: address) }
        return running
    }
}
