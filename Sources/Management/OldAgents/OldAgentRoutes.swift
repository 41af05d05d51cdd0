import AgentProtocol
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Scheduling

/// Where agents of Paddler 0.10 and 1.x report.
struct OldAgentRoutes {
    let registry: AgentRegistry
    let fleet: any FleetControl
    let door: Door
    let names: AgentNames
    let connections: ManagementConnections
    let logger: Logger

    func add(to router: Router<ManagementContext>) {
        let registration = RouterPath(TargetRegistration.path)
        router.post(registration) { request, context in try await register(request, context) }
        router.refuseOtherMethods(at: registration, allowed: [.post])

        for prefix in StatusUpdate.pathPrefixes {
            let path = RouterPath("\(prefix)/:id")
            router.post(path) { request, context in
                let agent = try AgentID(checking: context.parameters.get("id"))
                return try await updates(of: agent, request, context)
            }
            router.refuseOtherMethods(at: path, allowed: [.post])
        }
    }

    // MARK: - 0.10: a request for each report

    private func register(_ request: Request, _ context: ManagementContext) async throws -> Response {
        let json = try await request.boundedBody(maximumBytes: TargetRegistration.maximumBytes)
        let now = fleet.now()
        let registration: TargetRegistration
        do {
            registration = try TargetRegistration(json: json)
        } catch {
            // All that the agent itself says is that the status is unexpected.
            fleet.refused(nil, of: nil, reason: "a report of an agent of Paddler 0.10: \(error)")
            throw RequestFailure.badRequest("\(error)")
        }
        let certificate = connections.certificate(of: context.channel)
        if let objection = names.objection(to: registration.status.name, with: certificate) {
            fleet.refused(nil, of: registration.status.address, reason: objection)
            throw RequestFailure(status: .forbidden, message: objection)
        }
        let report = UpstreamReport(
            registration.status,
            from: try AgentID(checking: registration.agentID),
            at: now,
            maximumSilence: TargetRegistration.maximumSilence,
            forgottenAfter: TargetRegistration.maximumSilence
        )
        if let text = await registry.registered(report).text(for: report.address) {
            throw RequestFailure(status: .conflict, message: text)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: #"{"status":"ok"}"#))
        )
    }

    // MARK: - 1.x: a request whose body doesn't end

    private func updates(of agent: AgentID, _ request: Request, _ context: ManagementContext) async throws -> Response {
        var logger = logger
        logger[metadataKey: "agent"] = "\(agent)"
        let session = StatusUpdateSession(
            agent: agent,
            registry: registry,
            fleet: fleet,
            names: names,
            certificate: connections.certificate(of: context.channel),
            departure: { [door, caller = context.caller] in door.departure(of: caller) },
            logger: logger
        )
        switch await session.run(reading: request.body) {
        case .finished:
            return Response(status: .accepted)
        case .refused(let failure):
            return Self.refusal(failure, on: context.channel)
        }
    }

    /// Says why, and closes the connection: the agent's body has no end that could be waited for.
    ///
    /// A reason that the agent hasn't read is lost when the connection is closed with bytes of the agent still unread: so
    /// Hummingbird, which reads on to the body's end, has a moment for it.
    private static func refusal(_ failure: RequestFailure, on channel: any Channel) -> Response {
        var response = failure.response
        let text = failure.body
        response.headers[.connection] = "close"
        response.body = .init(contentLength: text.readableBytes) { writer in
            try await writer.write(text)
            try await writer.finish(nil)
            channel.eventLoop.scheduleTask(in: .init(AgentSession.lingerLimit)) { channel.close(promise: nil) }
        }
        return response
    }
}
