import LlamaServer

// Requests that are for one particular upstream, whichever is the least busy.

extension Scheduler {
    /// The upstreams that somebody may mean by a word; O(those).
    ///
    /// - Parameter word: an agent's name or id, or an upstream's address.
    /// - Returns: each once; none that no agent speaks for.
    public func upstreams(called word: String) -> [NamedUpstream] {
        var found = fleet.bearers(of: word)
        if let upstream = agents.index(of: AgentID(rawValue: word)).flatMap({ agents[$0]?.upstream }) {
            found.append(upstream)
        }
        if found.isEmpty, let address = try? NetworkAddress(parsing: word, allowingSocket: true),
            let upstream = fleet.index(at: address.identity)
        {
            found.append(upstream)
        }
        return Set(found).sorted().compactMap { named($0) }
    }

    /// An upstream that an agent speaks for, and what it is called; O(1).
    public func named(_ upstream: UpstreamID) -> NamedUpstream? {
        fleet.index(of: upstream).flatMap { named($0) }
    }

    /// All upstreams of a model that an agent speaks for, usable or not; O(upstreams).
    ///
    /// - Parameters:
    ///   - model: nil, or one that nobody serves: those of all models.
    ///   - limit: no more than these.
    public func namedUpstreams(of model: String? = nil, limit: Int = .max) -> [NamedUpstream] {
        let pool = poolOfSlotless(for: model)
        return Array(
            fleet.upstreams.indices.lazy
                .filter { fleet.isKnown($0) && fleet.pools.isMember($0, of: pool) }
                .compactMap { named($0) }
                .prefix(limit)
        )
    }

    /// Why a request that means all servers of a model means nobody; nil: it is clear which are meant.
    public func whyNobody(for model: String?) -> Rejection? {
        let demand = RequestDemand(model: model)
        if case .nothing = meaning(of: model, at: Instant(nanoseconds: 0)) { return rejection(demand) }
        return if case .pool = place(for: servedName(of: model)) { nil } else { rejection(demand) }
    }

    private func named(_ index: Int) -> NamedUpstream? {
        let upstream = fleet[index]
        guard let agent = upstream.owner.flatMap({ agents[$0]?.id }) else { return nil }
        let route = fleet.route(of: index)
        let name = fleet.description(of: index).name ?? ""
        let isItsOwn = !name.isEmpty && fleet.bearers(of: name).count == 1
        return NamedUpstream(
            id: fleet.id(of: index),
            route: route,
            agent: agent,
            word: isItsOwn ? name : agent.rawValue,
            isUsable: upstream.isUsable,
            isReady: upstream.isReady && !upstream.isSilent
        )
    }

    /// Hands in a request for a slot of one upstream, chosen by its client.
    ///
    /// It gets its lease at once, idle slot or not: which slot it wants only the server knows, and there it waits for that.
    /// So that nobody takes this for a way around the queue without end, no more of them wait there than requests may in a
    /// queue.
    ///
    /// - Returns: a lease or a rejection.
    public mutating func submit(
        _ request: RequestID,
        on upstream: UpstreamID,
        for demand: RequestDemand = RequestDemand(),
        at now: Instant
    ) -> Submission {
        let now = advance(to: now)
        guard let index = fleet.index(of: upstream), fleet[index].isUsable else {
            let share = fleet.index(of: upstream).map { fleet[$0].share }
            return .reject(.noServer(waited: .zero, share ?? FleetSummary()))
        }
        counters.submitted += 1
        if let rejection = whyNotNamed(index, for: demand.terms) { return reject(rejection) }
        let record = ledger.add(request, for: demand, in: ModelPools.everything, at: now)
        ledger[record].isNamed = true
        ledger[record].way = .named
        share(record, in: ModelPools.everything)
        return .dispatch(lease(record, on: index, at: now))
    }
}
