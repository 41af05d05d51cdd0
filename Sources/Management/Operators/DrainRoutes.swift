import HTTPTypes
import Hummingbird
import Scheduling

/// Where operators keep an upstream from getting new requests, and let it have them again.
struct DrainRoutes {
    let replies: OperatorReplies

    private var fleet: any FleetControl { replies.fleet }

    func add(to router: Router<ManagementContext>) {
        add("/api/v1/agents/:id/drain", to: router) { name in try drain(name) }
        add("/api/v1/agents/:id/undrain", to: router) { name in try undrain(name) }
    }

    private func add(
        _ path: RouterPath,
        to router: Router<ManagementContext>,
        _ action: @escaping @Sendable (AgentName) throws -> AgentsReply.Agent
    ) {
        router.post(path) { request, context in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            let name = try AgentName(pathParameter: context.parameters.get("id"))
            return try OperatorReplies.response(try action(name))
        }
        router.refuseOtherMethods(at: path, allowed: [.post])
    }

    private func drain(_ name: AgentName) throws(RequestFailure) -> AgentsReply.Agent {
        guard let upstream = find(name) else { throw Self.unknown(name) }
        fleet.setDraining(upstream.address, true)
        return try reply(name)
    }

    private func undrain(_ name: AgentName) throws(RequestFailure) -> AgentsReply.Agent {
        guard let upstream = find(name) else {
            // Draining outlives the agent, so that its restart doesn't end it: this must, too, be possible meanwhile.
            if let address = name.address { fleet.setDraining(address, false) }
            throw Self.unknown(name)
        }
        fleet.setDraining(upstream.address, false)
        return try reply(name)
    }

    private func find(_ name: AgentName) -> UpstreamSnapshot? {
        fleet.snapshot().upstreams.first(where: name.isName)
    }

    private func reply(_ name: AgentName) throws(RequestFailure) -> AgentsReply.Agent {
        let agents = replies.agents().agents
        guard let agent = agents.first(where: { $0.agentID == name.text || $0.externalAddress == name.text }) else {
            throw Self.unknown(name)
        }
        return agent
    }

    private static func unknown(_ name: AgentName) -> RequestFailure {
        RequestFailure(
            status: .notFound,
            message: "no agent has the id \"\(name.text.prefix(200))\", and no agent's llama-server that address: "
                + "GET /api/v1/agents lists them"
        )
    }
}
