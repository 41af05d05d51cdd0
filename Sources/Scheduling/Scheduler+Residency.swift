// What clients see of models that are loaded on demand.

extension Scheduler {
    /// Whether any model is loaded on demand; O(1).
    public var loadsOnDemand: Bool { !placement.isEmpty }

    /// The models that can't be used now, and can be loaded; O(servers that are loaded on demand).
    public var absentModels: [AbsentModel] {
        var absent: [String: AbsentModel] = [:]
        var present: Set<String> = []
        for (upstream, server) in placement.servers {
            let names = fleet.description(of: upstream).models
            guard let name = names.first, !fleet[upstream].isSilent else { continue }
            guard !fleet[upstream].isUsable else {
                present.insert(name)
                continue
            }
            let state: AbsentModel.State = server.isAwaited ? .loading : server.failure == nil ? .unloaded : .failed
            if let known = absent[name], known.state == .loading || state == .failed { continue }
            absent[name] = AbsentModel(names: names, state: state)
        }
        return absent.values.filter { !present.contains($0.names[0]) }.sorted { $0.names[0] < $1.names[0] }
    }

    /// Somebody wants a model loaded as if a request waited for it, or unloaded wherever it is.
    public mutating func ask(_ wish: ModelWish, for model: String, at now: Instant) -> (WishAnswer, Decisions) {
        let now = advance(to: now)
        var decisions = Decisions()
        guard case .pool(let pool) = place(for: servedName(of: model)) else { return (.unknown, decisions) }
        let servers = placement.servers.keys.filter { fleet.pools.pools(of: $0).contains(pool) }.sorted()
        guard !servers.isEmpty else { return (.notOnDemand, decisions) }
        switch wish {
        case .load:
            let isThere = servers.contains {
                placement.servers[$0].map { !$0.isAbsent && !$0.isOnItsWayOut } == true
            }
            if !isThere { placement.order(servers, at: now) }
            return (isThere ? .isSo : .asked, decisions)
        case .unload:
            placement.withdrawOrders(for: servers)
            let loaded = servers.filter { placement.servers[$0]?.isAbsent == false }
            for upstream in loaded {
                placement.asked(.unload, of: upstream, at: now)
                tell(.unload, to: upstream, .asked, &decisions, at: now)
            }
            return (loaded.isEmpty ? .isSo : .asked, decisions)
        }
    }
}
