public import Management
public import ReverseProxy
import ServiceLifecycle

/// The management server as one service of the balancer.
struct ManagementListener: Service {
    let server: ManagementServer
    let announcement: ListenerAnnouncement

    func run() async throws {
        try await announcement.telling(.management) {
            try await server.run { announcement.bound(.management, at: $0) }
        }
    }
}

/// Its methods are those that management asks for.
extension Dispatcher: FleetControl {}
