// Who speaks for which upstream, and what they say.

public import LlamaServer

extension Scheduler {
    /// Registers an upstream or updates it.
    ///
    /// An upstream is identified by its address. The agent that registered first owns it, and keeps it for as long as it is
    /// heard; what others say of it counts as soon as the owner leaves, is about to stop, or falls silent. A restarted agent
    /// takes its upstream over as it is. ``standing(of:)`` says afterwards whether this agent is listened to.
    public mutating func reported(_ report: UpstreamReport, at now: Instant) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        counters.reports += 1
        if let upstream = owned(by: report, at: now, &decisions) {
            update(upstream, report, at: now, &decisions)
            tellIfDrained(upstream, &decisions)
        } else {
            counters.reportsIgnored += 1
            // Nothing is sent anywhere by its word.
            if report.isLeaving { decisions.append(.drained(report.agent)) }
        }
        dispatchWaiting(at: now, &decisions)
        return decisions
    }

    /// Whether what an agent says counts, or why not; O(1). Of an agent that has said nothing, or isn't known for want of
    /// room, there is no room.
    public func standing(of agent: AgentID) -> Standing {
        guard let index = agents.index(of: agent), let known = agents[index] else {
            return .tooMany(limit: limits.maximumUpstreams)
        }
        return known.objection ?? .speaks
    }

    /// An agent has gone. Leases on its upstream go on. If nobody said that it would go, its upstream is lost.
    public mutating func agentLeft(
        _ agent: AgentID,
        _ departure: Departure = .goodbye,
        at now: Instant
    ) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        guard !isFleetHeld, let index = agents.index(of: agent) else { return decisions }
        forgetAgent(index, departure, at: now, &decisions)
        dispatchWaiting(at: now, &decisions)
        return decisions
    }

    /// From now on what is known of the fleet stands: its agents go to another scheduler, which takes over, while this one
    /// brings to an end what it has.
    public mutating func holdFleet() {
        isFleetHeld = true
    }

    /// Sends nothing more to the upstream with this address, whether it is known now or comes later; its leases go on.
    public mutating func drain(_ address: NetworkAddress, at now: Instant) -> Decisions {
        setDraining(address, true, at: now)
    }

    /// Ends ``drain(_:at:)``.
    public mutating func undrain(_ address: NetworkAddress, at now: Instant) -> Decisions {
        setDraining(address, false, at: now)
    }

    /// An operator has seen that this upstream is lost.
    /// - Returns: whether it was.
    public mutating func forgetLost(_ address: NetworkAddress, at now: Instant) -> Bool {
        let now = advance(to: now)
        guard let found = lost.remove(address.identity) else { return false }
        if let index = fleet.index(at: address.identity) { fleet.noteChange(index) }
        eventLog.note(.forgotten, found.address, name: found.name, agent: found.agent, at: now)
        return true
    }

    /// To be called wherever a lease was given back or an agent has said that it leaves.
    @inline(__always)
    func tellIfDrained(_ upstream: Int, _ decisions: inout Decisions) {
        guard fleet[upstream].isLeaving, fleet[upstream].leased == 0 else { return }
        guard let owner = fleet[upstream].owner, let agent = agents[owner] else { return }
        decisions.append(.drained(agent.id))
    }

    mutating func forgetAgent(_ agent: Int, _ departure: Departure, at now: Instant, _ decisions: inout Decisions) {
        disown(agent, departure, at: now, &decisions)
        agents.remove(agent)
    }

    private mutating func setDraining(_ address: NetworkAddress, _ isDraining: Bool, at now: Instant) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        if fleet.setDraining(address, isDraining, limit: limits.maximumUpstreams) {
            let known = fleet.index(at: address.identity)
            let name = known.map { fleet.description(of: $0).name } ?? lost[address]?.name
            eventLog.note(isDraining ? .drained : .undrained, address, name: name, agent: nil, at: now)
        }
        dispatchWaiting(at: now, &decisions)
        return decisions
    }

    // MARK: - Ownership

    /// - Returns: the upstream that this report is about, nil if the agent isn't listened to.
    private mutating func owned(by report: UpstreamReport, at now: Instant, _ decisions: inout Decisions) -> Int? {
        let identity = report.route.identity
        let known = agents.index(of: report.agent)
        if let known, agents[known]?.address != identity { disown(known, .moved, at: now, &decisions) }
        guard let agent = known ?? register(report, at: now) else { return nil }
        let silence = Nanoseconds(report.maximumSilence)
        agents.heard(
            agent,
            from: identity,
            maximumSilence: silence,
            forgottenAfter: report.forgottenAfter.map(Nanoseconds.init) ?? silence * limits.silencesToForget,
            at: now
        )
        if let upstream = agents[agent]?.upstream { return upstream }
        if let upstream = fleet.index(at: identity), let owner = speakingOwner(of: upstream) {
            claim(upstream, for: report, at: now)
            agents.object(.waits(for: owner, name: fleet.description(of: upstream).name), to: agent)
            return nil
        }
        return takeOver(report, by: agent, at: now)
    }

    private mutating func register(_ report: UpstreamReport, at now: Instant) -> Int? {
        guard agents.count < limits.maximumAgents else { return nil }
        return agents.add(report.agent, at: report.route.identity, now: now)
    }

    private func speakingOwner(of upstream: Int) -> AgentID? {
        guard let owner = fleet[upstream].owner, !fleet[upstream].isSilent, !fleet[upstream].isLeaving else {
            return nil
        }
        return agents[owner]?.id
    }

    private mutating func takeOver(_ report: UpstreamReport, by agent: Int, at now: Instant) -> Int? {
        let identity = report.route.identity
        let known = fleet.index(at: identity)
        guard known != nil || fleet.count < limits.maximumUpstreams else {
            return refuse(agent, .tooMany(limit: limits.maximumUpstreams), report, at: now)
        }
        guard changesOfAddress.allows(identity, at: now), changesOfAgent.allows(report.agent, at: now) else {
            return refuse(agent, .changesTooOften(limit: changesOfAddress.limit), report, at: now)
        }
        let upstream = known ?? fleet.add(report.route)
        let former = fleet[upstream].owner
        if let former { agents.setUpstream(nil, of: former) }
        if let former, fleet[upstream].sharesLeases, let id = agents[former]?.id { formerOwners.append(id) }
        endClaim(of: report.agent, on: upstream, at: now)
        fleet[upstream].owner = agent
        fleet[upstream].isSilent = false
        fleet[upstream].isLeaving = false
        // Until it says that it wants to know: then it is told.
        fleet[upstream].sharesLeases = false
        fleet[upstream].sharesPrompts = false
        // Its samples are the first of their own sequence, and may be of a server with another number of slots.
        fleet[upstream].lastSample = nil
        agents.setUpstream(upstream, of: agent)
        let namesake = fleet.describe(upstream, report, at: now)
        if let former, let id = agents[former]?.id {
            note(.takenOver(from: id, report.condition), of: upstream, at: now)
        } else if let loss = lost.remove(identity) {
            note(.returned(after: now - loss.since, report.condition), of: upstream, at: now)
        } else {
            note(.joined(report.condition), of: upstream, at: now)
        }
        if let namesake { note(.nameTaken(by: fleet.route(of: namesake).address), of: upstream, at: now) }
        return upstream
    }

    /// An agent that isn't listened to is told so; for people it is news once.
    private mutating func refuse(_ agent: Int, _ objection: Standing, _ report: UpstreamReport, at now: Instant) -> Int?
    {
        if agents[agent]?.objection != objection {
            eventLog.note(.notTaken(objection), report.address, name: report.name, agent: report.agent, at: now)
        }
        agents.object(objection, to: agent)
        return nil
    }

    private mutating func disown(_ agent: Int, _ departure: Departure, at now: Instant, _ decisions: inout Decisions) {
        guard let known = agents[agent] else { return }
        guard let upstream = known.upstream else {
            if let claimed = fleet.index(at: known.address) { endClaim(of: known.id, on: claimed, at: now) }
            return
        }
        // An agent that has said that it is about to stop may end as it likes; one that unloads its model is to stay.
        if departure.isLoss, !fleet[upstream].isLeaving || placement.servers[upstream] != nil {
            note(.lost(departure), of: upstream, at: now)
            lost.add(whatIsKnown(of: upstream, known.id, departure, at: now))
        } else {
            note(.left(departure), of: upstream, at: now)
        }
        pollClaimant(of: upstream, &decisions)
        agents.setUpstream(nil, of: agent)
        fleet[upstream].owner = nil
        fleet[upstream].others = 0
        fleet[upstream].sharesLeases = false
        fleet[upstream].sharesPrompts = false
        fleet[upstream].isLeaving = false
        placement.remove(upstream)
        fleet.changed(upstream)
        forgetIfUnused(upstream, at: now)
    }

    private func whatIsKnown(
        of upstream: Int,
        _ agent: AgentID,
        _ departure: Departure,
        at now: Instant
    ) -> LostUpstream {
        let description = fleet.description(of: upstream)
        return LostUpstream(
            address: fleet.route(of: upstream).address,
            agent: agent,
            name: description.name,
            since: now,
            reason: departure,
            lastReport: description.lastReport,
            condition: description.condition,
            models: description.models,
            role: description.role,
            contextSize: description.contextSize,
            build: description.build
        )
    }

    // MARK: - Two agents for one upstream

    /// That one claims it is news once, and of many that come and go once a minute.
    private mutating func claim(_ upstream: Int, for report: UpstreamReport, at now: Instant) {
        let before = fleet.description(of: upstream).claim
        guard before?.agent != report.agent else { return }
        fleet.setClaim(Claim(agent: report.agent, name: report.name, since: now), on: upstream)
        guard fleet.description(of: upstream).mayTellOfClaim(at: now) else { return }
        fleet.toldOfClaim(upstream, at: now)
        note(.conflict(claimant: report.agent, name: report.name), of: upstream, at: now)
    }

    private mutating func endClaim(of agent: AgentID, on upstream: Int, at now: Instant) {
        guard fleet.description(of: upstream).claim?.agent == agent else { return }
        fleet.setClaim(nil, on: upstream)
        guard fleet.description(of: upstream).lastClaimTold == agent else { return }
        note(.conflictOver, of: upstream, at: now)
    }

    /// The agent that waits for this upstream need not wait for its own next word.
    func pollClaimant(of upstream: Int, _ decisions: inout Decisions) {
        guard let claim = fleet.description(of: upstream).claim else { return }
        decisions.append(.poll(claim.agent))
    }

    // MARK: - What the owner says

    private mutating func update(
        _ upstream: Int,
        _ report: UpstreamReport,
        at now: Instant,
        _ decisions: inout Decisions
    ) {
        let before = fleet.description(of: upstream).condition
        let namesake = fleet.describe(upstream, report, at: now)
        if let namesake { note(.nameTaken(by: fleet.route(of: namesake).address), of: upstream, at: now) }
        if fleet[upstream].isSilent { note(.heardAgain, of: upstream, at: now) }
        if !before.isLike(report.condition) {
            note(.condition(report.condition), of: upstream, at: now)
            if case .restarting = report.condition { counters.restarts += 1 }
        }
        let wasReady = fleet[upstream].isReady
        fleet[upstream].isReady = report.condition == .ready
        fleet[upstream].isSilent = false
        fleet[upstream].isSleeping = report.isSleeping
        fleet[upstream].isLeaving = report.isLeaving
        fleet[upstream].weight = min(max(report.weight, Upstream.weights.lowerBound), Upstream.weights.upperBound)
        if !wasReady, fleet[upstream].isReady { cameBack(upstream, at: now) }
        share(upstream, report, at: now)
        if let sample = report.slots { use(sample, of: upstream, at: now, &decisions) }
        if let onDemand = report.onDemand {
            let change = placement.reported(
                upstream,
                onDemand,
                report.condition,
                isLeaving: report.isLeaving,
                at: now
            )
            if let change { counters.loads.count(change) }
        } else {
            placement.remove(upstream)
        }
        fleet.changed(upstream)
        setTimer(of: upstream)
    }

    /// It wasn't ready and is now: the server was restarted, and what it did before says nothing about it.
    private mutating func cameBack(_ upstream: Int, at now: Instant) {
        fleet[upstream].ejection.clear()
        fleet[upstream].firstBreak = nil
        fleet[upstream].promptPace.forgetSpeed()
        fleet.beginEpoch(upstream)
        forgetPrompts(at: upstream)
        queue.stopAvoiding(upstream)
    }

    /// What other balancers have there, and whether they want to know what we have.
    private mutating func share(_ upstream: Int, _ report: UpstreamReport, at now: Instant) {
        let others = min(max(0, report.others), Upstream.maximumSlots)
        let more = others - fleet[upstream].others
        fleet[upstream].others = others
        // A request may be seen before its lease is heard of: it is no stranger's.
        if more > 0, let last = fleet[upstream].lastSample, now.since(last) <= SchedulerLimits.leaseNewsDelay {
            fleet[upstream].strangers = max(0, fleet[upstream].strangers - more)
            askAgainIfForeign(upstream, at: now)
        }
        fleet[upstream].sharesPrompts = report.sharesPrompts
        guard report.sharesLeases != fleet[upstream].sharesLeases else { return }
        fleet[upstream].sharesLeases = report.sharesLeases
        fleet[upstream].leasesTold = nil
        fleet.noteLeases(upstream)
    }

    /// Finds out how many of the processing slots are nobody's of whom we know.
    private mutating func use(
        _ sample: SlotSample,
        of upstream: Int,
        at now: Instant,
        _ decisions: inout Decisions
    ) {
        // A sample from the future, by a clock that is off, must not make all later ones look old.
        let latest = min(sample.taken.upperBound, now)
        let taken = min(sample.taken.lowerBound, latest)...latest
        if let last = fleet[upstream].lastSample, latest <= last { return }
        fleet[upstream].lastSample = latest
        noteLife(of: upstream, at: taken.lowerBound)
        if sample.hasMoved { fleet[upstream].lastMove = latest }
        fleet[upstream].attention = sample.isResting ? .resting : .regular
        // What was sent there meanwhile came too late for this look.
        if sample.isResting, fleet[upstream].leased + fleet[upstream].cooling > 0 { wantLook(at: upstream, at: now) }
        let total = min(max(0, sample.total), Upstream.maximumSlots)
        fleet[upstream].total = total
        let processing = min(max(0, sample.processing), total)
        guard let highWater = fleet.highWater(upstream, during: taken) else {
            return askAgainIfForeign(upstream, at: now)
        }

        // Those that have cooled since before the sample are beyond all leases, or over. A lease of others counted too much would
        // end one that still runs, and counted too little would invent a stranger: so the fewest there, the most here.
        let excess = max(0, processing - highWater.leases)
        let mostOthers = min(max(0, sample.others), Upstream.maximumSlots)
        let cooledBefore = coolingCount(on: upstream, since: highWater.firstBucket)
        let stillRunning = min(cooledBefore, max(0, excess - min(mostOthers, fleet[upstream].others)))
        endCooling(cooledBefore - stillRunning, on: upstream, at: now, &decisions)
        fleet[upstream].coolingSeen = stillRunning
        fleet[upstream].strangers = max(0, excess - stillRunning - mostOthers)
        askAgainIfForeign(upstream, at: now)
    }

    /// While requests wait, a slot that others have left should be known to be idle before the agent's next round.
    mutating func askAgainIfForeign(_ upstream: Int, at now: Instant) {
        guard fleet[upstream].cooling == 0, fleet[upstream].attention != .wanted else { return }
        let isWorthIt = fleet[upstream].strangers > 0 && queue.count > 0
        fleet[upstream].nextPoll = isWorthIt ? now.advanced(by: limits.coolingPollInterval) : nil
        if fleet[upstream].strangers > 0, !isWorthIt { unaskedForeign.insert(upstream) }
    }

    /// The first request begins to wait: slots that others were last seen to use may have become idle since. Those who
    /// wait after it find it asked already.
    mutating func askForForeign(at now: Instant) {
        for upstream in unaskedForeign.sorted() {
            guard fleet[upstream].strangers > 0, fleet[upstream].owner != nil, fleet[upstream].nextPoll == nil else {
                continue
            }
            pollSoon(upstream, at: now)
        }
        unaskedForeign.removeAll(keepingCapacity: true)
    }
}
