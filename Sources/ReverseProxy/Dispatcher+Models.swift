import Scheduling

// Which models there are, under which names, and where.

extension Dispatcher {
    /// What an upstream calls a model; nil: as it is called here.
    func name(of model: String?, at upstream: UpstreamID) -> String? {
        locked { $0.name(of: model, at: upstream) }
    }

    /// Aliases, each with the first of its models that is served.
    func servedAliases() -> [(alias: String, model: String)] {
        locked { $0.servedAliases }
    }

    /// Whether a request for this model would get it, and not the fleet's only one, which serves any name. Of a fleet that
    /// says no names nobody knows.
    func servesUnderName(_ model: String) -> Bool {
        let now = now()
        return locked { scheduler in
            guard scheduler.routesOfModels(limit: 0) == nil,
                !scheduler.servedAliases.contains(where: { $0.alias == model }),
                let only = scheduler.usableRoutes(limit: 1).first,
                let names = scheduler.snapshot(of: only.address, at: now)?.models
            else { return true }
            return names.isEmpty || names.contains(model)
        }
    }

    /// Models that are loaded on demand and can't be used now.
    func absentModels() -> [AbsentModel] {
        locked { $0.loadsOnDemand ? $0.absentModels : [] }
    }

    /// How it stands with the model that a request waits for; nil: it waits for a slot, or for nothing that is about to be loaded.
    func awaitedLoad(of ticket: QueueTicket, at now: Instant) -> AwaitedLoad? {
        locked { $0.awaitedLoad(of: ticket, at: now) }
    }

    var loadsOnDemand: Bool { locked { $0.loadsOnDemand } }

    /// Somebody wants a model loaded or unloaded, wherever that is.
    func ask(_ wish: ModelWish, for model: String) -> WishAnswer {
        decided { $0.ask(wish, for: model, at: now()) }
    }

    /// How one usable server of each model is reached.
    ///
    /// - Parameter limit: no more than these.
    /// - Returns: nil while the fleet serves one model.
    func routesOfModels(limit: Int) -> [UpstreamRoute]? {
        locked { $0.routesOfModels(limit: limit) }
    }

    func usableRoutes(limit: Int) -> [UpstreamRoute] {
        locked { $0.usableRoutes(limit: limit) }
    }

    /// How a server is reached that tells of itself for all, where they serve several models; nil: they don't, or none can be
    /// used.
    func routeForModels() -> UpstreamRoute? {
        locked { $0.routeForModels() }
    }

    /// A model for whoever may not use all and names none: the default one, or else the first that can be had now.
    ///
    /// - Parameter isAllowed: of a name, which may be an alias.
    func allowedModel(_ isAllowed: (String) -> Bool) -> AllowedModel {
        let known = locked { $0.knownNames }
        guard !known.isEmpty else { return .unknown }
        let names = known.filter(isAllowed)
        if let defaultModel, names.contains(defaultModel) { return .named(defaultModel) }
        let usable = locked { scheduler in
            names.first { scheduler.freeUpstream(avoiding: nil, for: $0) != nil }
        }
        return (usable ?? names.first).map(AllowedModel.named) ?? .none
    }

    /// How the least busy usable server of this model is reached; nil: there is none.
    func route(of model: String) -> UpstreamRoute? {
        locked { $0.freeUpstream(avoiding: nil, for: model)?.1 }
    }
}
