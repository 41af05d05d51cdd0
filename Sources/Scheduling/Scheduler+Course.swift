// What becomes of a new request: decided here, and done elsewhere, so that it can be told without being done.

extension Scheduler {
    enum Prospect {
        case rejected(Rejection)
        case accepted(Course)
    }

    /// How a new request goes on.
    struct Course {
        /// As the servers of its pool take it.
        var demand: RequestDemand
        /// What it may get, if it names an alias.
        var choice: ModelChoice?
        var pool: Int
        var start: Start
        /// Of its prompt, in bytes: the most that lies anywhere.
        var mostElsewhere: Int
    }

    enum Start {
        case at(upstream: Int)
        case held(Hold)
        case queued
    }

    /// What ``submit(_:for:at:)`` does with a request that is handed in now.
    @inline(__always)
    func prospect(of demand: RequestDemand, at now: Instant) -> Prospect {
        guard phase == .accepting else { return .rejected(.shuttingDown) }
        guard let (meant, choice) = meant(by: demand, at: now), case .pool(let pool) = place(for: meant) else {
            return .rejected(rejection(demand))
        }
        let holders = holders(of: meant.trail, in: pool)
        let start = start(of: meant, holders, in: pool, at: now)
        if case .queued = start, let rejection = whyNotWait(for: meant.terms, in: pool) { return .rejected(rejection) }
        return .accepted(
            Course(demand: meant, choice: choice, pool: pool, start: start, mostElsewhere: holders.first?.bytes ?? 0)
        )
    }

    private func start(
        of demand: RequestDemand,
        _ holders: [PrefixLedger.Holder],
        in pool: Int,
        at now: Instant
    ) -> Start {
        guard !isAtLimit(demand.terms) else { return .queued }
        guard demand.slots == 1 else {
            // Nobody gets past another who waits for several slots, and comes first.
            if let first = queue.firstWide(in: pool), !wouldCome(demand, in: pool, before: first) { return .queued }
            return wideUpstream(for: demand, in: pool).map(Start.at) ?? .queued
        }
        let here = idleUpstream(for: demand.trail, heldBy: holders, in: pool)
        if here != nil || whyNotWait(for: demand.terms, in: pool) == nil,
            let hold = holdOut(for: holders, of: demand.terms, in: pool, insteadOf: here, at: now)
        {
            return .held(hold)
        }
        return here.map { .at(upstream: $0.upstream) } ?? .queued
    }

    func whyNotWait(for terms: TenantTerms?, in pool: Int) -> Rejection? {
        if let rejection = whyNotWait(terms, in: pool) { return rejection }
        let summary = fleet.pools.summary(of: pool)
        guard hasRoomToWait(in: pool, for: terms) else {
            let (limit, model) = maximumQueued(in: pool)
            return model.map { .modelQueueFull($0, limit: limit, summary) } ?? .queueFull(limit: limit, summary)
        }
        guard let limit = limits.maximumExpectedWait,
            let wait = serviceTime.expectedWait(ahead: countAhead(of: terms, in: pool), slots: summary.slotsTotal),
            wait > limit
        else { return nil }
        return .waitTooLong(expected: wait.duration, limit: limit.duration, summary)
    }

    /// Why a request that its client has for this usable upstream doesn't go there; nil: it does.
    func whyNotNamed(_ upstream: Int, for terms: TenantTerms?) -> Rejection? {
        guard phase == .accepting else { return .shuttingDown }
        if let limit = terms?.maximumRunning, isAtLimit(terms) { return .tenantBusy(limit: limit) }
        guard fleet[upstream].idle > -limits.maximumQueued else {
            return .queueFull(limit: limits.maximumQueued, fleet[upstream].share)
        }
        return nil
    }
}
