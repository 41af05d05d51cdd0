// Who speaks for which upstream, and what they say.

public import LlamaServer

extension Scheduler {
    /// Registers an upstream or updates it.
    ///
    /// An upstream is identified by its address. The agent that registered last owns it; what others say of it is
    /// ignored until the owner leaves or falls silent. A restarted agent takes its upstream over as it is.
    public mutating func reported(_ report: UpstreamReport, at now: Instant) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        counters.reports += 1
        if let upstream = owned(by: report, at: now) {
            update(upstream, report, at: now)
            tellIfDrained(upstream, &decisions)
        } else {
            counters.reportsIgnored += 1
            // Nothing is sent anywhere by its word.
            if report.isLeaving { decisions.append(.drained(report.agent)) }
        }
        dispatchWaiting(at: now, &decisions)
        return decisions
    }

    /// An agent said goodbye, or its connection ended. Leases on its upstream go on.
    public mutating func agentLeft(_ agent: AgentID, at now: Instant) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        guard !isFleetHeld, let index = agents.index(of: agent) else { return decisions }
        forgetAgent(index, at: now)
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

    /// To be called wherever a lease was given back or an agent has said that it leaves.
    func tellIfDrained(_ upstream: Int, _ decisions: inout Decisions) {
        guard fleet[upstream].isLeaving, fleet[upstream].leased == 0 else { return }
        guard let owner = fleet[upstream].owner, let agent = agents[owner] else { return }
        decisions.append(.drained(agent.id))
    }

    mutating func forgetAgent(_ agent: Int, at now: Instant) {
        disown(agent, at: now)
        agents.remove(agent)
    }

    private mutating func setDraining(_ address: NetworkAddress, _ isDraining: Bool, at now: Instant) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        fleet.setDraining(address, isDraining, limit: limits.maximumUpstreams)
        dispatchWaiting(at: now, &decisions)
        return decisions
    }

    // MARK: - Ownership

    /// - Returns: the upstream that this report is about, nil if another agent speaks for it.
    private mutating func owned(by report: UpstreamReport, at now: Instant) -> Int? {
        let known = agents.index(of: report.agent)
        let isRegistered = known.flatMap { agents[$0]?.address } == report.address
        if let known, !isRegistered { disown(known, at: now) }
        guard let agent = known ?? register(report, at: now) else { return nil }
        agents.heard(agent, from: report.address, maximumSilence: Nanoseconds(report.maximumSilence), at: now)

        if let upstream = agents[agent]?.upstream { return upstream }
        if isRegistered, hasSpeakingOwner(report) { return nil }
        return takeOver(report, by: agent)
    }

    private mutating func register(_ report: UpstreamReport, at now: Instant) -> Int? {
        guard agents.count < limits.maximumAgents else { return nil }
        return agents.add(report.agent, at: report.address, now: now)
    }

    private func hasSpeakingOwner(_ report: UpstreamReport) -> Bool {
        guard let upstream = fleet.index(at: report.address) else { return false }
        return fleet[upstream].owner != nil && !fleet[upstream].isSilent
    }

    private mutating func takeOver(_ report: UpstreamReport, by agent: Int) -> Int? {
        let upstream: Int
        if let known = fleet.index(at: report.address) {
            upstream = known
            if let former = fleet[upstream].owner { agents.setUpstream(nil, of: former) }
        } else {
            guard fleet.count < limits.maximumUpstreams else { return nil }
            upstream = fleet.add(report.address)
        }
        fleet[upstream].owner = agent
        fleet[upstream].isLeaving = false
        // Its samples are the first of their own sequence, and may be of a server with another number of slots.
        fleet[upstream].lastSample = nil
        agents.setUpstream(upstream, of: agent)
        return upstream
    }

    private mutating func disown(_ agent: Int, at now: Instant) {
        guard let upstream = agents[agent]?.upstream else { return }
        agents.setUpstream(nil, of: agent)
        fleet[upstream].owner = nil
        fleet[upstream].isLeaving = false
        fleet.changed(upstream)
        forgetIfUnused(upstream, at: now)
    }

    // MARK: - What the owner says

    private mutating func update(_ upstream: Int, _ report: UpstreamReport, at now: Instant) {
        fleet.describe(upstream, report, at: now)
        let wasReady = fleet[upstream].isReady
        fleet[upstream].isReady = report.condition == .ready
        fleet[upstream].isSilent = false
        fleet[upstream].isSleeping = report.isSleeping
        fleet[upstream].isLeaving = report.isLeaving
        if !wasReady, fleet[upstream].isReady { cameBack(upstream, at: now) }
        if let sample = report.slots { use(sample, of: upstream, at: now) }
        fleet.changed(upstream)
        setTimer(of: upstream)
    }

    /// It wasn't ready and is now: the server was restarted, and what it did before says nothing about it.
    private mutating func cameBack(_ upstream: Int, at now: Instant) {
        fleet[upstream].ejection.clear()
        fleet.beginEpoch(upstream)
        queue.stopAvoiding(upstream)
    }

    /// Finds out how many of the processing slots are not ours.
    private mutating func use(_ sample: SlotSample, of upstream: Int, at now: Instant) {
        // A sample from the future, by a clock that is off, must not make all later ones look old.
        let latest = min(sample.taken.upperBound, now)
        let taken = min(sample.taken.lowerBound, latest)...latest
        if let last = fleet[upstream].lastSample, latest <= last { return }
        fleet[upstream].lastSample = latest
        let total = min(max(0, sample.total), Upstream.maximumSlots)
        fleet[upstream].total = total
        let processing = min(max(0, sample.processing), total)
        guard let highWater = fleet.highWater(upstream, during: taken) else { return }

        // Those that have cooled since before the sample are beyond our own leases, or over.
        let excess = max(0, processing - highWater.leases)
        let cooledBefore = coolingCount(on: upstream, since: highWater.firstBucket)
        let stillRunning = min(cooledBefore, excess)
        endCooling(cooledBefore - stillRunning, on: upstream, at: now)
        fleet[upstream].foreignSeen = excess - stillRunning
        askAgainIfForeign(upstream, at: now)
    }

    /// While requests wait, a slot that others have left should be known to be idle before the agent's next round.
    private mutating func askAgainIfForeign(_ upstream: Int, at now: Instant) {
        guard fleet[upstream].cooling == 0 else { return }
        let isWorthIt = fleet[upstream].foreignSeen > 0 && queue.count > 0
        fleet[upstream].nextPoll = isWorthIt ? now.advanced(by: limits.coolingPollInterval) : nil
    }
}
