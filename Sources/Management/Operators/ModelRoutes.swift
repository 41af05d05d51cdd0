import Hummingbird
import LlamaServer
import Scheduling

/// Where operators have a model loaded or unloaded.
struct ModelRoutes {
    let replies: OperatorReplies
    let log: AccessLog

    func add(to router: Router<ManagementContext>) {
        add("/api/v1/agents/:id/load", .load, "model to be loaded", to: router)
        add("/api/v1/agents/:id/unload", .unload, "model to be unloaded", to: router)
    }

    private func add(_ path: RouterPath, _ wish: ModelWish, _ words: String, to router: Router<ManagementContext>) {
        router.post(path) { request, context in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            let name = try AgentName(pathParameter: context.parameters.get("id"))
            let agent = try carryOut(wish, name)
            log.changed(words, of: agent, by: context.caller, from: context.peer)
            return try OperatorReplies.response(agent)
        }
        router.refuseOtherMethods(at: path, allowed: [.post])
    }

    private func carryOut(_ wish: ModelWish, _ name: AgentName) throws(RequestFailure) -> AgentsReply.Agent {
        guard let upstream = upstream(name), let agent = upstream.agent else { throw name.isUnknown }
        guard replies.fleet.ask(wish, of: agent) else {
            throw RequestFailure(
                status: .conflict,
                message:
                    "\(upstream.name ?? "\(upstream.address)") isn't loaded and unloaded by its agent: whoever started "
                    + "its llama-server stops it; paddler drain keeps requests from it"
            )
        }
        guard let reply = replies.agent(at: upstream.address) else { throw name.isUnknown }
        return reply
    }

    private func upstream(_ name: AgentName) -> UpstreamSnapshot? {
        if let address = name.address { return replies.fleet.upstream(at: address) }
        return replies.fleet.upstream(of: AgentID(rawValue: name.text))
    }
}
