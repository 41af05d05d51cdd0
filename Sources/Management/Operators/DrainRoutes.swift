import HTTPTypes
import Hummingbird
import LlamaServer
import Scheduling

/// Where operators keep an upstream from getting new requests, let it have them again, and forget one that is lost.
struct DrainRoutes {
    let replies: OperatorReplies
    let log: AccessLog

    private var fleet: any FleetControl { replies.fleet }

    func add(to router: Router<ManagementContext>) {
        add("/api/v1/agents/:id/drain", "server drained", to: router) { name in try drain(name) }
        add("/api/v1/agents/:id/undrain", "server undrained", to: router) { name in try undrain(name) }
        add("/api/v1/agents/:id/forget", "server forgotten", to: router) { name in try forget(name) }
    }

    private func add(
        _ path: RouterPath,
        _ words: String,
        to router: Router<ManagementContext>,
        _ action: @escaping @Sendable (AgentName) throws -> AgentsReply.Agent
    ) {
        router.post(path) { request, context in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            let name = try AgentName(pathParameter: context.parameters.get("id"))
            let agent = try action(name)
            log.changed(words, of: agent, by: context.caller, from: context.peer)
            return try OperatorReplies.response(agent)
        }
        router.refuseOtherMethods(at: path, allowed: [.post])
    }

    private func drain(_ name: AgentName) throws(RequestFailure) -> AgentsReply.Agent {
        guard let address = address(name) else { throw name.isUnknown }
        fleet.setDraining(address, true)
        return try reply(address, name)
    }

    private func undrain(_ name: AgentName) throws(RequestFailure) -> AgentsReply.Agent {
        guard let address = address(name) else {
            // Draining outlives the agent, so that its restart doesn't end it: this must, too, be possible meanwhile.
            if let address = name.address { fleet.setDraining(address, false) }
            throw name.isUnknown
        }
        fleet.setDraining(address, false)
        return try reply(address, name)
    }

    /// - Returns: the upstream as it was.
    private func forget(_ name: AgentName) throws(RequestFailure) -> AgentsReply.Agent {
        guard let address = address(name) else { throw name.isUnknown }
        let agent = try reply(address, name)
        guard fleet.forgetLost(address) else {
            throw RequestFailure(
                status: .conflict,
                message: "\(address) is not lost: an agent speaks for it. Stop the agent to take it out of the fleet"
            )
        }
        return agent
    }

    /// - Returns: of an upstream that is known or lost.
    private func address(_ name: AgentName) -> NetworkAddress? {
        if let address = name.address {
            if let upstream = fleet.upstream(at: address) { return upstream.address }
            return fleet.snapshot().lost.first { $0.address.identity == address.identity }?.address
        }
        let agent = AgentID(rawValue: name.text)
        return fleet.upstream(of: agent)?.address ?? fleet.snapshot().lost.first { $0.agent == agent }?.address
    }

    private func reply(_ address: NetworkAddress, _ name: AgentName) throws(RequestFailure) -> AgentsReply.Agent {
        guard let agent = replies.agent(at: address) else { throw name.isUnknown }
        return agent
    }
}

extension AgentName {
    /// What to answer where nobody is called so.
    var isUnknown: RequestFailure {
        RequestFailure(
            status: .notFound,
            message: "no agent has the id \"\(text.prefix(200))\", and no agent's llama-server that address: "
                + "GET /api/v1/agents lists them"
        )
    }
}
