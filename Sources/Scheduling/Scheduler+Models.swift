// What a request's model means for where it may go.

extension Scheduler {
    /// Where a request for a model belongs.
    enum Place {
        case pool(Int)
        /// No server goes by that name.
        case unknown
        /// There are several models, and the request names none.
        case unnamed
    }

    /// - Parameter model: as the request names it; nil: it names none.
    func place(for model: String?) -> Place {
        guard fleet.pools.isDivided else { return .pool(ModelPools.everything) }
        guard let model = model ?? limits.defaultModel else {
            return fleet.pools.ofNameless.map(Place.pool) ?? .unnamed
        }
        return fleet.pools.number(of: model).map(Place.pool) ?? .unknown
    }

    /// The pool of one that waits already: for its model there may be a server any moment.
    mutating func poolOfWaiting(for model: String?) -> Int? {
        switch place(for: model) {
        case .pool(let pool): return pool
        case .unknown: return (model ?? limits.defaultModel).map { fleet.poolMade(for: $0) }
        case .unnamed: return nil
        }
    }

    /// The totals over the servers that a request for this model may go to; of a model that is unknown, over none.
    package func summary(for model: String?) -> FleetSummary {
        switch place(for: model) {
        case .pool(let pool): fleet.pools.summary(of: pool)
        case .unknown, .unnamed: FleetSummary()
        }
    }

    func rejection(_ model: String?) -> Rejection {
        let known = knownNames
        return (model ?? limits.defaultModel).map { .unknownModel($0, known: known) } ?? .modelNotNamed(known: known)
    }

    /// Whether a request for this model may be sent there.
    package func mayServe(_ upstream: UpstreamID, _ model: String?) -> Bool {
        guard let index = fleet.index(of: upstream) else { return false }
        guard case .pool(let pool) = place(for: model) else { return false }
        return fleet.pools.isMember(index, of: pool)
    }

    /// How many wait for the same servers as a request for this model.
    package func queuedCount(for model: String?) -> Int {
        guard case .pool(let pool) = place(for: model) else { return 0 }
        return queue.count(in: pool)
    }

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

    // MARK: - When models come and go

    /// To be called before it is decided who goes where.
    mutating func settleModels(at now: Instant, _ decisions: inout Decisions) {
        guard fleet.modelsAreStale || lost.hasChanged else { return }
        fallbacks.modelsChanged()
        if lost.hasChanged {
            fleet.setLostModels(lost.takeModels())
        }
        let isDivided = fleet.models.isDivided
        guard isDivided != fleet.pools.isDivided else {
            fleet.placeChanged { [queue] in queue.count(in: $0) > 0 }
            return
        }
        let waiting = ledger.indices.filter { ledger[$0].isQueued && queue.contains($0, in: ledger[$0].pool) }
            .sorted { ledger[$0].arrival < ledger[$1].arrival }
        for request in waiting { dequeue(request) }
        fleet.setDivided(isDivided)
        for request in waiting { placeAgain(request, &decisions, at: now) }
    }

    private mutating func placeAgain(_ request: Int, _ decisions: inout Decisions, at now: Instant) {
        chooseAgain(request, at: now)
        guard let pool = poolOfWaiting(for: ledger[request].demand.model) else {
            let rejection = rejection(nil)
            decisions.append(.reject(ledger[request].id, rejection))
            counters.count(rejection)
            return ledger.end(request, at: now)
        }
        insert(request, into: pool)
    }
}
