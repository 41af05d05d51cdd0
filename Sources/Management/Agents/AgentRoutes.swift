import AgentProtocol
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Scheduling

/// Where agents connect.
struct AgentRoutes {
    let registry: AgentRegistry
    let fleet: any FleetControl
    let version: String
    let door: Door
    let names: AgentNames
    let connections: ManagementConnections
    let logger: Logger

    func add(to router: Router<ManagementContext>) {
        let path: RouterPath = "/api/v1/agents/:id/connection"
        router.post(path) { request, context in
            let agent = try AgentID(checking: context.parameters.get("id"))
            return connection(of: agent, request, context)
        }
        router.refuseOtherMethods(at: path, allowed: [.post])
    }

    /// The answer's body is what the balancer says; it begins while the request's body, what the agent says, goes on.
    private func connection(of agent: AgentID, _ request: Request, _ context: ManagementContext) -> Response {
        var logger = logger
        logger[metadataKey: "agent"] = "\(agent.rawValue)"
        let session = AgentSession(
            agent: agent,
            registry: registry,
            fleet: fleet,
            version: version,
            isAuthenticated: context.caller.credential != nil,
            isOfThisMachine: context.isOfThisMachine,
            names: names,
            certificate: connections.certificate(of: context.channel),
            departure: { [door, caller = context.caller] in door.departure(of: caller) },
            logger: logger
        )
        return Response(
            status: .ok,
            headers: [.contentType: AgentConnection.contentType, .cacheControl: "no-store"],
            body: .init { writer in
                try await session.run(reading: request.body, writing: &writer)
            }
        )
    }
}
