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
    let divided = DividedConnections()
    let logger: Logger

    func add(to router: Router<ManagementContext>) {
        let path: RouterPath = "/api/v1/agents/:id/connection"
        router.post(path) { request, context in
            let agent = try AgentID(checking: context.parameters.get("id"))
            return connection(of: agent, request, context)
        }
        router.refuseOtherMethods(at: path, allowed: [.post])
        addDivided(to: router)
    }

    private func addDivided(to router: Router<ManagementContext>) {
        let path: RouterPath = "/api/v1/agents/:id/connections/:connection"
        router.post(path) { request, context in
            try dividedConnection(DividedConnections.ID(checking: context.parameters), request, context)
        }
        router.refuseOtherMethods(at: path, allowed: [.post])
        let lines: RouterPath = "/api/v1/agents/:id/connections/:connection/lines"
        router.post(lines) { request, context in
            let id = try DividedConnections.ID(checking: context.parameters)
            let bytes = try await request.boundedBody(maximumBytes: AgentConnection.maximumLinesBytes)
            try divided.take(ByteBuffer(bytes: bytes), of: id, from: connections.certificate(of: context.channel))
            return Response(status: .noContent)
        }
        router.refuseOtherMethods(at: lines, allowed: [.post])
    }

    /// The answer's body is what the balancer says; it begins while the request's body, what the agent says, goes on.
    private func connection(of agent: AgentID, _ request: Request, _ context: ManagementContext) -> Response {
        let session = session(of: agent, context)
        return Self.response { writer in
            try await session.run(reading: request.body, writing: &writer)
        }
    }

    /// The same, with further requests for what the agent says.
    private func dividedConnection(
        _ id: DividedConnections.ID,
        _ request: Request,
        _ context: ManagementContext
    ) throws(RequestFailure) -> Response {
        try request.checkAnnouncedBody(maximumBytes: AgentConnection.maximumLinesBytes)
        let certificate = connections.certificate(of: context.channel)
        let lines = try divided.open(id, from: certificate)
        // Whatever becomes of the response.
        context.channel.closeFuture.whenComplete { [divided] _ in divided.end(id) }
        let session = session(of: id.agent, context)
        // Hummingbird closes the connection behind it, and nobody is to send another request into that.
        return Self.response(closing: true) { writer in
            defer { divided.end(id) }
            try await request.body.consumeWithInboundCloseHandler { body in
                // Nobody reads lines before the first ones are whole.
                let first = try await body.bounded(maximumBytes: AgentConnection.maximumLinesBytes)
                try divided.take(ByteBuffer(bytes: first), of: id, from: certificate)
                try await session.run(reading: lines, writing: &writer, divided: true) { divided.end(id) }
            } onInboundClosed: {
                divided.end(id)
            }
        }
    }

    private static func response(
        closing: Bool = false,
        _ body: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        var headers: HTTPFields = [.contentType: AgentConnection.contentType, .cacheControl: "no-store"]
        if closing { headers[.connection] = "close" }
        return Response(status: .ok, headers: headers, body: .init(body))
    }

    private func session(of agent: AgentID, _ context: ManagementContext) -> AgentSession {
        AgentSession(
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
    }
}
