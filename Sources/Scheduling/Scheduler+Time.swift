// What happens because time passes, and because upstreams fail.

extension Scheduler {
    /// The earliest moment at which ``tick(at:)`` would do something; O(1).
    public var nextTick: Instant? {
        guard let expiry = lost.nextExpiry else { return nextDue }
        return min(nextDue ?? expiry, expiry)
    }

    /// The same without what is lost.
    var nextDue: Instant? {
        if mustLookAgain { return latest }
        var next = queue.nextDeadline?.instant
        // Slots are idle that are kept for somebody who comes first until then.
        if !keepings.isEmpty, let passedOver = queue.nextPassedOver.map({ max($0, latest) }) {
            next = min(next ?? passedOver, passedOver)
        }
        if let end = queue.held.nextEnd?.instant { next = min(next ?? end, end) }
        if let fallback = fallbacks.next?.instant { next = min(next ?? fallback, fallback) }
        if let look = placement.due(after: latest) { next = min(next ?? look, look) }
        if let slotless = nextSlotlessDeadline { next = min(next ?? slotless, slotless) }
        if let silence = nextSilence?.instant { next = min(next ?? silence, silence) }
        if let timer = fleet.nextTimer?.instant { next = min(next ?? timer, timer) }
        return next
    }

    /// Lets time pass: deadlines, silent agents, ejections, cooling slots. O(1) when nothing is due.
    public mutating func tick(at now: Instant) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        endHoldsDue(at: now)
        while let due = queue.nextDeadline, due.instant <= now {
            if waitsOn(due.request, at: now) { continue }
            let waited = waited(due.request, at: now).duration
            let summary = summary(for: ledger[due.request].demand)
            rejectQueued(due.request, .waitedTooLong(waited: waited, summary), at: now, &decisions)
        }
        rejectSlotlessDue(at: now, &decisions)
        while let due = nextSilence, due.instant <= now { fellSilent(due.agent, at: now, &decisions) }
        lost.expire(at: now)
        // What a timer is set to next lies later, except at the end of time: bounded all the same.
        var rounds = fleet.count
        while rounds > 0, let due = fleet.nextTimer, due.instant <= now {
            timerFired(of: due.upstream, at: now, &decisions)
            rounds -= 1
        }
        // Whoever is placed anew by what has become of models may have waited long enough.
        settleModels(at: now, &decisions)
        moveOnDue(at: now)
        dispatchWaiting(at: now, &decisions)
        // And so may those who were held in vain.
        while let due = fallbacks.next, due.instant <= now {
            moveOnDue(at: now)
            dispatchWaiting(at: now, &decisions)
        }
        place(&decisions, at: now)
        return decisions
    }

    /// A request that needs no slot could not be sent to this upstream.
    public mutating func connectFailed(_ upstream: UpstreamID, at now: Instant) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        guard let index = fleet.index(of: upstream) else { return decisions }
        counters.connectFailures += 1
        eject(index, after: .connectFailed, at: now)
        dispatchWaiting(at: now, &decisions)
        return decisions
    }

    mutating func eject(_ upstream: Int, after failure: Failure, at now: Instant) {
        guard fleet[upstream].ejection.failed(failure, at: now, limits) else { return }
        counters.ejections += 1
        if let until = fleet[upstream].ejection.until {
            note(.ejected(until - now, after: failure), of: upstream, at: now)
        }
        fleet.changed(upstream)
        setTimer(of: upstream)
    }

    /// After every change of something that is due at a time.
    mutating func setTimer(of upstream: Int) {
        fleet.setTimer(upstream, to: nextDue(of: upstream))
    }

    func nextDue(of upstream: Int) -> Instant? {
        var next = fleet[upstream].ejection.until
        if fleet[upstream].coolingRequests.first != nil {
            let end = fleet[upstream].coolingRequests.since.advanced(by: limits.coolingLimit)
            next = min(next ?? end, end)
        }
        if let poll = fleet[upstream].nextPoll { next = min(next ?? poll, poll) }
        return next
    }

    private var nextSilence: (agent: Int, instant: Instant)? { isFleetHeld ? nil : agents.nextSilence }

    private mutating func fellSilent(_ index: Int, at now: Instant, _ decisions: inout Decisions) {
        guard let agent = agents[index] else { return }
        let forget = agent.lastReport.advanced(by: agent.forgottenAfter)
        let silence = now - agent.lastReport
        guard !agent.isSilent, forget > now else {
            return forgetAgent(index, .silence(silence), at: now, &decisions)
        }
        agents.fellSilent(index, forgetAt: forget)
        guard let upstream = agent.upstream else { return }
        fleet[upstream].isSilent = true
        note(.silent(silence), of: upstream, at: now)
        fleet.changed(upstream)
        pollClaimant(of: upstream, &decisions)
    }

    private mutating func timerFired(of upstream: Int, at now: Instant, _ decisions: inout Decisions) {
        if let until = fleet[upstream].ejection.until, until <= now {
            fleet[upstream].ejection.pass()
            note(.ejectionOver, of: upstream, at: now)
            fleet.beginEpoch(upstream)
            queue.stopAvoiding(upstream)
        }
        endCoolingDue(on: upstream, at: now, &decisions)
        pollIfDue(upstream, at: now, &decisions)
        fleet.changed(upstream)
        setTimer(of: upstream)
        forgetIfUnused(upstream, at: now)
    }
}
