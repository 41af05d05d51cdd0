// What a request's model means for where it may go.

import LlamaServer

extension Scheduler {
    /// Where a request for a model belongs.
    enum Place {
        case pool(Int)
        /// No server goes by that name.
        case unknown
        /// There are several models, and the request names none.
        case unnamed
        /// None of those that serve the model does such work.
        case unable
    }

    /// The servers of a model, whatever they do and however large their contexts are.
    ///
    /// - Parameter model: as a request names it; nil: it names none.
    func place(for model: String?, work: ServerRole = .completions) -> Place {
        guard fleet.pools.isDivided else { return .pool(ModelPools.everything) }
        guard let model = model ?? limits.defaultModel else { return placeOfNameless(work) }
        return fleet.pools.number(of: model).map(Place.pool) ?? .unknown
    }

    /// A server that doesn't say what it serves, or else the only model for this work.
    private func placeOfNameless(_ work: ServerRole) -> Place {
        if let pool = fleet.pools.ofNameless, fleet.pools.family(of: pool).map({ !$0[work].isEmpty }) ?? true {
            return .pool(pool)
        }
        return fleet.pools.onlyPool(for: work).map(Place.pool) ?? .unnamed
    }

    /// Where a request belongs: of the servers of its model those that do what it asks for, and have room for its prompt.
    func place(for demand: RequestDemand) -> Place {
        let place = place(for: demand.model, work: demand.work)
        guard demand.work != .completions || fleet.pools.isMixed, case .pool(let pool) = place,
            let sizes = fleet.pools.family(of: pool)?[demand.work]
        else { return place }
        guard let largest = sizes.last else { return .unable }
        let fitting = demand.size.isKnown ? sizes.first { fits(demand.size, $0) } : sizes.first
        // Where it fits nowhere, the largest says so.
        return .pool((fitting ?? largest).pool)
    }

    /// Any server there tells how many tokens its model makes of a text.
    private func fits(_ prompt: PromptSize, _ size: ModelFamily.Size) -> Bool {
        let known = fleet.pools[size.pool].leastBusy(avoiding: nil).flatMap { fleet[$0].promptPace.tokensPerByte }
        return prompt.fits(size.context, tokensPerByte: known ?? PromptSize.usualTokensPerByte)
    }

    /// The pool of one that waits already: for its model there may be a server any moment.
    mutating func poolOfWaiting(for demand: RequestDemand) -> Int? {
        switch place(for: demand) {
        case .pool(let pool): return pool
        case .unknown: return (demand.model ?? limits.defaultModel).map { fleet.poolMade(for: $0) }
        case .unnamed, .unable: return nil
        }
    }

    /// The totals over the servers that a request for this model may go to; of a model that is unknown, over none.
    package func summary(for demand: RequestDemand) -> FleetSummary {
        switch place(for: demand) {
        case .pool(let pool): fleet.pools.summary(of: pool)
        case .unknown, .unnamed, .unable: FleetSummary()
        }
    }

    /// Why a request has no place.
    func rejection(_ demand: RequestDemand) -> Rejection {
        if let meant = meant(by: demand, at: Instant(nanoseconds: 0))?.0, case .unable = place(for: meant) {
            return .workNotServed(demand.work, model: demand.model)
        }
        let known = knownNames
        return (demand.model ?? limits.defaultModel).map { .unknownModel($0, known: known) }
            ?? .modelNotNamed(known: known)
    }

    /// Whether such a request may be sent there.
    package func mayServe(_ upstream: UpstreamID, _ demand: RequestDemand) -> Bool {
        guard let index = fleet.index(of: upstream) else { return false }
        guard case .pool(let pool) = place(for: demand) else { return false }
        return fleet.pools.isMember(index, of: pool)
    }

    /// How many wait for the same servers as such a request.
    package func queuedCount(for demand: RequestDemand) -> Int {
        guard case .pool(let pool) = place(for: demand) else { return 0 }
        return queue.count(in: pool)
    }

    /// Whether it matters how large a prompt is: there are servers with larger contexts than others.
    public var readsSizes: Bool { fleet.pools.isMixed }

    /// How one usable upstream of each model is reached; O(models log models).
    ///
    /// - Parameter limit: no more than these.
    /// - Returns: nil while the fleet serves one model.
    public func routesOfModels(limit: Int) -> [UpstreamRoute]? {
        guard fleet.pools.isDivided else { return nil }
        var asked: Set<Int> = []
        var routes: [UpstreamRoute] = []
        for name in fleet.models.names where routes.count < limit {
            guard let pool = fleet.pools.number(of: name), fleet.pools[pool].usable.allSatisfy({ !asked.contains($0) }),
                let upstream = fleet.pools[pool].leastBusy(avoiding: nil)
            else { continue }
            asked.insert(upstream)
            routes.append(fleet.route(of: upstream))
        }
        return routes
    }

    /// How the least busy usable upstream is reached, of the default model if there is one; nil while the fleet serves one
    /// model, or none is usable.
    public func routeForModels() -> UpstreamRoute? {
        fleet.pools.isDivided ? freeUpstream(avoiding: nil)?.1 : nil
    }

    // MARK: - When models come and go

    /// To be called before it is decided who goes where.
    mutating func settleModels(at now: Instant, _ decisions: inout Decisions) {
        guard fleet.modelsAreStale || lost.hasChanged || placement.announcementsHaveChanged else { return }
        fallbacks.modelsChanged()
        let layout = changedLayout()
        lost.settle()
        placement.settleAnnouncements()
        guard let layout else {
            fleet.placeChanged { [queue] in queue.count(in: $0) > 0 }
            return
        }
        let waiting = ledger.indices.filter { ledger[$0].isQueued && queue.contains($0) }
            .sorted { ledger[$0].arrival < ledger[$1].arrival }
        for request in waiting { dequeue(request) }
        fleet.setLayout(layout)
        // Of the pools that there were.
        _ = queue.takeWoken()
        for request in waiting { placeAgain(request, &decisions, at: now) }
    }

    /// - Returns: nil if the pools that there are will do.
    private mutating func changedLayout() -> ModelLayout? {
        // One more server of a kind that there is needs no other pools.
        guard lost.hasChanged || placement.announcementsHaveChanged || fleet.kinds.haveChanged else { return nil }
        let served = awaitedKinds
        if lost.hasChanged || !placement.isEmpty { fleet.setLostModels(served.map(\.models)) }
        let layout = fleet.neededLayout(served)
        return layout != fleet.layout ? layout : nil
    }

    /// What is served again when servers come back that went without a word, and what hosts have and no server has said yet.
    var awaitedKinds: [ServerKind] {
        guard !placement.isEmpty else { return lost.served }
        let unheard = placement.announced.filter { !fleet.models.isBorne($0) }.sorted()
        return lost.served + unheard.map { ServerKind(models: [$0]) }
    }

    private mutating func placeAgain(_ request: Int, _ decisions: inout Decisions, at now: Instant) {
        chooseAgain(request, at: now)
        guard let pool = poolOfWaiting(for: ledger[request].demand) else {
            let rejection = rejection(ledger[request].demand)
            decisions.append(.reject(ledger[request].id, rejection))
            counters.count(rejection)
            return endRequest(request, at: now)
        }
        insert(request, into: pool)
    }
}
