import LlamaServer

// Why requests go where they go, for people. Nothing here changes anything.

extension Scheduler {
    /// How a request came to its slot.
    enum Way: UInt8, Sendable {
        case atOnce, waited, held, named
    }

    /// Why a request that has its slot is where it is.
    ///
    /// - Returns: nil if the lease has ended.
    public func choice(of lease: Lease) -> Choice? {
        guard let index = ledger.index(of: lease.ticket), case .leased = ledger[index].state else { return nil }
        let record = ledger[index]
        var choice = choice(record.way, of: record.demand, found: record.used?.bytes ?? 0, isOnly: record.isOnly)
        choice.slots = record.slots
        choice.attempt = record.attempts
        if choice.waited != nil { choice.waited = record.waited.duration }
        return choice
    }

    /// Why a request that needs no slot goes where ``freeUpstream(avoiding:for:)`` has it go.
    public func choiceOfFree(for model: String?) -> Choice {
        let isOnly = fleet.pools[poolOfSlotless(for: model)].count == 1
        return choice(.atOnce, of: RequestDemand(), found: 0, isOnly: isOnly)
    }

    /// - Parameter found: in bytes, how much of its prompt lies there.
    private func choice(_ way: Way, of demand: RequestDemand, found: Int, isOnly: Bool) -> Choice {
        let ground: Choice.Ground =
            switch way {
            case .named: .named
            case .held: .held
            case .waited: .firstIdle
            case .atOnce where isOnly: .only
            case .atOnce where found > 0: demand.isOfSession ? .session : .prompt
            case .atOnce: limits.balance == .mostIdle ? .mostIdle : .leastBusy
            }
        var choice = Choice(ground: ground)
        if way == .waited || way == .held { choice.waited = .zero }
        // How much of a session's prompt is left there, nobody knows.
        if !demand.isOfSession {
            choice.promptFound = found
            choice.promptBytes = demand.trail?.bytes ?? 0
        }
        return choice
    }

    /// What ``submit(_:for:at:)`` would do with a request now, or ``submit(_:on:for:at:)`` with one whose client has named its
    /// upstream. O(upstreams log upstreams).
    ///
    /// - Parameter limit: of the upstreams that are told of.
    public func explain(
        _ demand: RequestDemand,
        on named: UpstreamID? = nil,
        limit: Int = 100,
        at now: Instant
    ) -> Explanation {
        let now = passed(now)
        let outcome =
            named.map { self.outcome(of: demand, on: $0) }
            ?? self.outcome(of: prospect(of: demand, at: now), at: now)
        let model = demand.model
        var demand = demand
        var pool: Int?
        if named != nil {
            pool = ModelPools.everything
        } else if let (meant, _) = meant(by: demand, at: now), case .pool(let placed) = place(for: meant) {
            pool = placed
            demand = meant
        }
        let (upstreams, count) = explained(demand, in: pool, chosen: outcome.upstream, limit: limit, at: now)
        return Explanation(
            model: model,
            resolution: resolution(of: model, demand.work, at: now),
            slots: named == nil ? pool.map { mostSlots(of: demand, in: $0) } ?? demand.slots : demand.slots,
            promptBytes: demand.trail.map { demand.isOfSession ? 0 : $0.bytes } ?? 0,
            isOfSession: demand.isOfSession,
            outcome: outcome,
            upstreams: upstreams,
            upstreamCount: count
        )
    }

    private func outcome(of prospect: Prospect, at now: Instant) -> Explanation.Outcome {
        switch prospect {
        case .rejected(let rejection): return .rejected(rejection)
        case .accepted(let course):
            switch course.start {
            case .at(let upstream):
                let isOnly = fleet.pools[course.pool].count == 1
                return .dispatch(fleet.id(of: upstream), choice(.atOnce, of: course.demand, at: upstream, isOnly))
            case .held(let hold):
                let ahead = queue.held.count(for: hold.upstream)
                return .held(
                    fleet.id(of: hold.upstream),
                    atMost: hold.end - now,
                    ahead: ahead,
                    expectedWait: serviceTime.expectedWait(ahead: ahead, slots: fleet[hold.upstream].total)?.duration
                )
            case .queued:
                let ahead = queue.count(in: course.pool)
                let slots = fleet.pools.summary(of: course.pool).slotsTotal
                let wait = serviceTime.expectedWait(ahead: ahead, slots: slots)
                return .queued(ahead: ahead, expectedWait: wait?.duration)
            }
        }
    }

    private func outcome(of demand: RequestDemand, on named: UpstreamID) -> Explanation.Outcome {
        guard let index = fleet.index(of: named), fleet[index].isUsable else {
            let share = fleet.index(of: named).map { fleet[$0].share }
            return .rejected(.noServer(waited: .zero, share ?? FleetSummary()))
        }
        if let rejection = whyNotNamed(index) { return .rejected(rejection) }
        return .dispatch(named, choice(.named, of: demand, at: index, false))
    }

    /// Why a request would go there now.
    private func choice(_ way: Way, of demand: RequestDemand, at upstream: Int, _ isOnly: Bool) -> Choice {
        // As what a request uses up is found.
        let trail = limits.balance.followsPrompts ? demand.trail : nil
        let found = trail.map { prefixes.found($0, at: upstream).bytes } ?? 0
        var choice = choice(way, of: demand, found: found, isOnly: isOnly)
        choice.slots = slots(of: demand, at: upstream)
        return choice
    }

    private func resolution(of model: String?, _ work: ServerRole, at now: Instant) -> Explanation.Resolution {
        guard fleet.pools.isDivided else { return .anything }
        switch meaning(of: model, at: now) {
        case .asNamed: break
        case .oneOf(let choice): return .alias(of: choice.name)
        case .nothing: return (model ?? limits.defaultModel).map(Explanation.Resolution.unknown) ?? .notNamed
        }
        switch place(for: model, work: work) {
        case .pool, .unable:
            if let model { return .named(model) }
            return limits.defaultModel.map(Explanation.Resolution.byDefault) ?? .nameless
        case .unknown: return (model ?? limits.defaultModel).map(Explanation.Resolution.unknown) ?? .notNamed
        case .unnamed: return .notNamed
        }
    }

    // MARK: - Upstream by upstream

    private func explained(
        _ demand: RequestDemand,
        in pool: Int?,
        chosen: UpstreamID?,
        limit: Int,
        at now: Instant
    ) -> ([Explanation.Upstream], count: Int) {
        let chosen = chosen.flatMap { fleet.index(of: $0) }
        let known = fleet.upstreams.indices.filter { fleet.isKnown($0) }
        let places = known.map { index in
            let isMember = pool.map { fleet.pools.isMember(index, of: $0) } ?? false
            let mayServe = isMember && fleet[index].isUsable
            let rank = fleet.pools[pool ?? ModelPools.everything].rank(index, fleet[index])
            return (index: index, group: mayServe ? 0 : isMember ? 1 : 2, rank: rank)
        }
        .sorted { ($0.group, $0.rank) < ($1.group, $1.rank) }
        let listed = places.enumerated().filter { $0.offset < limit || $0.element.index == chosen }
        let needed = pool.map { mostSlots(of: demand, in: $0) } ?? 1
        var upstreams = listed.map { offset, place in
            upstream(
                place.index,
                demand,
                in: pool,
                needed: needed,
                position: place.group == 0 ? offset + 1 : nil,
                at: now
            )
        }
        if let first = listed.firstIndex(where: { $0.element.index == chosen }) {
            upstreams.insert(upstreams.remove(at: first), at: 0)
        }
        return (Array(upstreams.prefix(max(0, limit))), known.count)
    }

    private func upstream(
        _ index: Int,
        _ demand: RequestDemand,
        in pool: Int?,
        needed: Int,
        position: Int?,
        at now: Instant
    ) -> Explanation.Upstream {
        let upstream = fleet[index]
        let description = fleet.description(of: index)
        let id = fleet.id(of: index)
        return Explanation.Upstream(
            id: id,
            address: fleet.route(of: index).address,
            agent: upstream.owner.flatMap { agents[$0]?.id },
            name: description.name,
            obstacle: obstacle(at: index, demand, in: pool, needed: needed, at: now),
            mayServe: position != nil,
            slotsIdle: upstream.isUsable ? max(0, upstream.idle) : 0,
            slotsTotal: upstream.total,
            slotsLeased: upstream.leased,
            promptFound: demand.isOfSession ? 0 : promptFound(demand, at: id),
            position: position
        )
    }

    private func obstacle(
        at index: Int,
        _ demand: RequestDemand,
        in pool: Int?,
        needed: Int,
        at now: Instant
    ) -> Explanation.Obstacle? {
        let upstream = fleet[index]
        guard let pool else {
            if case .unnamed = place(for: demand) { return .modelNotNamed }
            return whyOutside(index, demand)
        }
        guard fleet.pools.isMember(index, of: pool) else { return whyOutside(index, demand) }
        if upstream.owner == nil { return .left }
        if upstream.isSilent { return .silent }
        if !upstream.isReady { return .notReady(fleet.description(of: index).condition) }
        if upstream.isDraining { return .draining }
        if upstream.isLeaving { return .leaving }
        if let until = upstream.ejection.until { return .ejected(for: max(.zero, until - now)) }
        if upstream.idle <= 0 { return .noIdleSlot }
        guard demand.slots > 1 else { return upstream.isKept ? .kept : nil }
        if upstream.total < needed || upstream.idle < needed { return .tooFewIdle(needed: needed) }
        return isFree(index, forArrival: .max) ? nil : .kept
    }
}

extension Scheduler {
    /// Why an upstream is none of those that a request may go to.
    private func whyOutside(_ index: Int, _ demand: RequestDemand) -> Explanation.Obstacle {
        guard case .pool(let all) = place(for: demand.model, work: demand.work), fleet.pools.isMember(index, of: all)
        else { return .otherModel }
        if let role = fleet.description(of: index).role, role != demand.work { return .otherWork(role) }
        return fleet.description(of: index).contextSize.map(Explanation.Obstacle.noRoom) ?? .otherModel
    }
}

extension Explanation.Outcome {
    /// Where it goes, or waits to go.
    public var upstream: UpstreamID? {
        switch self {
        case .dispatch(let upstream, _), .held(let upstream, _, _, _): upstream
        case .queued, .rejected, .refused: nil
        }
    }
}
