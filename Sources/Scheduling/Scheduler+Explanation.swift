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
    /// upstream; O(upstreams). Its upstreams are still to be put in order, which is done without a lock, and told of by
    /// ``explanation(_:of:at:)``.
    public func outline(
        of demand: RequestDemand,
        on named: UpstreamID? = nil,
        at now: Instant
    ) -> ExplanationOutline {
        let now = passed(now)
        let outcome =
            named.map { self.outcome(of: demand, on: $0) }
            ?? self.outcome(of: prospect(of: demand, at: now), at: now)
        var placed = demand
        var pool: Int?
        if named != nil {
            pool = ModelPools.everything
        } else if let (meant, _) = meant(by: demand, at: now), case .pool(let number) = place(for: meant) {
            pool = number
            placed = meant
        }
        let explanation = Explanation(
            model: demand.model,
            resolution: resolution(of: demand.model, demand.work, at: now),
            candidates: candidates(of: demand.model, at: now),
            slots: named == nil ? pool.map { mostSlots(of: placed, in: $0) } ?? demand.slots : demand.slots,
            promptBytes: demand.trail.map { demand.isOfSession ? 0 : $0.bytes } ?? 0,
            isOfSession: demand.isOfSession,
            outcome: outcome,
            share: demand.terms.map { share(of: $0, demand.priority, in: pool) },
            upstreams: [],
            upstreamCount: fleet.count
        )
        let target: ExplanationOutline.Target =
            named != nil ? .named(demand) : pool != nil ? .pool(of: placed) : .none(demand)
        var outline = ExplanationOutline(explanation: explanation, target: target, places: places(in: pool))
        outline.chosen = outcome.upstream.flatMap { fleet.index(of: $0) }.map { index in
            let isMember = pool.map { fleet.pools.isMember(index, of: $0) } ?? false
            return upstream(index, placed, in: pool, mayServe: isMember && fleet[index].isUsable, at: now)
        }
        return outline
    }

    /// - Parameter listed: of ``ExplanationOutline/listed(limit:)``. Those that were forgotten since are left out.
    public func explanation(
        _ outline: ExplanationOutline,
        of listed: [ExplanationOutline.Listed],
        at now: Instant
    ) -> Explanation {
        let now = passed(now)
        let demand: RequestDemand
        var pool: Int?
        switch outline.target {
        case .named(let asked):
            demand = asked
            pool = ModelPools.everything
        case .pool(let placed):
            demand = placed
            // Pools may have come and gone since.
            if case .pool(let number) = place(for: placed) { pool = number }
        case .none(let asked): demand = asked
        }
        var explanation = outline.explanation
        explanation.upstreams = listed.compactMap { one in
            if var chosen = outline.chosen, chosen.id == one.id {
                chosen.position = one.position
                return chosen
            }
            guard let index = fleet.index(of: one.id) else { return nil }
            var told = upstream(index, demand, in: pool, mayServe: one.position != nil, at: now)
            told.position = one.position
            return told
        }
        return explanation
    }

    /// All of it at one time, for those who hold no lock.
    ///
    /// - Parameter limit: of the upstreams that are told of.
    package func explain(
        _ demand: RequestDemand,
        on named: UpstreamID? = nil,
        limit: Int = 100,
        at now: Instant
    ) -> Explanation {
        let outline = outline(of: demand, on: named, at: now)
        return explanation(outline, of: outline.listed(limit: limit), at: now)
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
                let isAnyIdle = fleet.pools[course.pool].best != nil
                return .held(
                    fleet.id(of: hold.upstream),
                    atMost: isAnyIdle ? hold.patience.duration : hold.last - now,
                    ahead: ahead,
                    expectedWait: serviceTime.expectedWait(ahead: ahead, slots: fleet[hold.upstream].total)?.duration
                )
            case .queued:
                let ahead = countAhead(of: course.demand.terms, in: course.pool)
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
        if let rejection = whyNotNamed(index, for: demand.terms) { return .rejected(rejection) }
        return .dispatch(named, choice(.named, of: demand, at: index, false))
    }

    /// - Parameter pool: where it would wait; nil: nowhere.
    private func share(of terms: TenantTerms, _ priority: UInt8, in pool: Int?) -> Explanation.Share {
        let tenant = queue.tenants[terms.tenant]
        return Explanation.Share(
            running: tenant?.running ?? 0,
            waiting: tenant?.waiting ?? 0,
            isAtLimit: isAtLimit(terms),
            tenantsAhead: pool.map { queue.tenantsAhead(of: terms, priority, in: $0) } ?? 0
        )
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

    /// The models of its alias, if it names one that decides.
    private func candidates(of model: String?, at now: Instant) -> [Explanation.Candidate] {
        guard fleet.pools.isDivided, let names = (model ?? limits.defaultModel).flatMap({ modelRules.aliases[$0] })
        else { return [] }
        var chosen: String?
        if case .oneOf(let choice) = meaning(of: model, at: now) { chosen = choice.name }
        return names.map { name in
            Explanation.Candidate(model: name, isChosen: name == chosen, obstacle: whyNotMeant(name))
        }
    }

    // MARK: - Upstream by upstream

    private func places(in pool: Int?) -> [ExplanationOutline.Place] {
        var places: [ExplanationOutline.Place] = []
        places.reserveCapacity(fleet.count)
        for index in fleet.upstreams.indices where fleet.isKnown(index) {
            let isMember = pool.map { fleet.pools.isMember(index, of: $0) } ?? false
            let mayServe = isMember && fleet[index].isUsable
            let rank = fleet.pools[pool ?? ModelPools.everything].rank(index, fleet[index])
            places.append(
                ExplanationOutline.Place(
                    id: fleet.id(of: index),
                    group: mayServe ? .mayServe : isMember ? .ofNoUse : .outside,
                    rank: rank
                )
            )
        }
        return places
    }

    private func upstream(
        _ index: Int,
        _ demand: RequestDemand,
        in pool: Int?,
        mayServe: Bool,
        at now: Instant
    ) -> Explanation.Upstream {
        let upstream = fleet[index]
        let description = fleet.description(of: index)
        let id = fleet.id(of: index)
        let needed = pool.map { mostSlots(of: demand, in: $0) } ?? 1
        return Explanation.Upstream(
            id: id,
            address: fleet.route(of: index).address,
            agent: upstream.owner.flatMap { agents[$0]?.id },
            name: description.name,
            obstacle: obstacle(at: index, demand, in: pool, needed: needed, at: now),
            mayServe: mayServe,
            slotsIdle: upstream.isUsable ? max(0, upstream.idle) : 0,
            slotsTotal: upstream.total,
            slotsLeased: upstream.leased,
            promptFound: demand.isOfSession ? 0 : promptFound(demand, at: id),
            position: nil
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
        return isFree(index, for: nil) ? nil : .kept
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
