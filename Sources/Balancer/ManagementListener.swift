import Logging
public import Management
public import ReverseProxy
import ServiceLifecycle

/// The management server as one service of the balancer.
struct ManagementListener: Service {
    let server: ManagementServer
    let announcement: ListenerAnnouncement
    /// nil: the port is nobody else's.
    let handover: Handover?

    func run() async throws {
        guard let handover else { return try await serve() }
        let serving = ServiceGroup(
            services: [StandingBy(listener: self, handover: handover)],
            logger: handover.logger
        )
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                await handover.waitUntilManagementIsToGo()
                await serving.triggerGracefulShutdown()
            }
            try await serving.run()
            tasks.cancelAll()
        }
        // The rest of the balancer is still at work.
        try await gracefulShutdown()
    }

    private func serve() async throws {
        try await announcement.telling(.management) {
            try await server.run { address in
                handover?.tookManagement()
                announcement.bound(.management, at: address)
            }
        }
    }

    /// Serves as soon as no other balancer has the port any more.
    private struct StandingBy: Service {
        let listener: ManagementListener
        let handover: Handover

        func run() async throws {
            while true {
                do {
                    return try await listener.serve()
                } catch let failure as ListenFailure where failure.isAddressInUse {
                    listener.announcement.standsBy()
                    let pause: Void? = try? await cancelWhenGracefulShutdown {
                        try await Task.sleep(for: Handover.standbyInterval)
                    }
                    guard pause != nil else { return }
                }
            }
        }
    }
}

/// Its methods are those that management asks for.
extension Dispatcher: FleetControl {}
