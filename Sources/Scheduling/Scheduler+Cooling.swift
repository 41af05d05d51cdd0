// Slots whose client has left: they count as busy until a sample shows otherwise, or a bounded time has passed.

extension Scheduler {
    /// From a lease to cooling. The number of idle slots stays the same.
    mutating func cool(_ request: Int, on upstream: Int, _ runsOn: RunsOn, at now: Instant) {
        let slots = ledger[request].slots
        counters.cooled += 1
        ledger.cool(request, on: upstream, at: now)
        append(Int32(request), toCoolingOf: upstream, at: now)
        fleet[upstream].cooling += slots
        fleet.giveBack(slots, of: upstream, at: now)
        schedulePoll(of: upstream, after: runsOn, at: now)
        setTimer(of: upstream)
    }

    /// Ends so many slots, those that have cooled longest first: which one of them a sample shows to be over can't be told.
    mutating func endCooling(_ count: Int, on upstream: Int, at now: Instant, _ decisions: inout Decisions) {
        for _ in 0..<count {
            guard let first = fleet[upstream].coolingRequests.first else { break }
            guard case .cooling(_, let next) = ledger[Int(first)].state else { break }
            fleet[upstream].cooling -= 1
            fleet.noteLeases(upstream)
            fleet[upstream].coolingSeen = min(fleet[upstream].coolingSeen, fleet[upstream].cooling)
            endSharingSlot(of: Int(first), at: now)
            decisions.append(.cooled(ledger[Int(first)].id))
            ledger[Int(first)].slots -= 1
            guard ledger[Int(first)].slots == 0 else { continue }
            fleet[upstream].coolingRequests.first = next
            if let next {
                fleet[upstream].coolingRequests.since = ledger[Int(next)].since
            } else {
                fleet[upstream].coolingRequests.last = nil
                if fleet[upstream].attention != .wanted { fleet[upstream].nextPoll = nil }
            }
            endRequest(Int(first), at: now)
        }
    }

    /// How many slots have cooled since before this bucket.
    func coolingCount(on upstream: Int, since bucket: LeaseHistory.Bucket) -> Int {
        var count = 0
        var next = fleet[upstream].coolingRequests.first
        while let request = next, LeaseHistory.bucket(of: ledger[Int(request)].since) < bucket {
            guard case .cooling(_, let following) = ledger[Int(request)].state else { break }
            count += ledger[Int(request)].slots
            next = following
        }
        return count
    }

    /// Ends those whose time is up. What the last sample showed to be still running is somebody else's from now on: it
    /// isn't idle before a sample says so.
    mutating func endCoolingDue(on upstream: Int, at now: Instant, _ decisions: inout Decisions) {
        let before = fleet[upstream].cooling
        while fleet[upstream].coolingRequests.first != nil,
            fleet[upstream].coolingRequests.since.advanced(by: limits.coolingLimit) <= now
        {
            let wasSeen = fleet[upstream].coolingSeen > 0
            if wasSeen { fleet[upstream].coolingSeen -= 1 }
            endCooling(1, on: upstream, at: now, &decisions)
            if wasSeen { fleet[upstream].strangers += 1 }
        }
        if before > 0, fleet[upstream].cooling == 0 { askAgainIfForeign(upstream, at: now) }
    }

    /// Asks for a fresh sample if it is time.
    mutating func pollIfDue(_ upstream: Int, at now: Instant, _ decisions: inout Decisions) {
        guard let due = fleet[upstream].nextPoll, due <= now else { return }
        // Without any, the sample that comes decides whether to ask again.
        fleet[upstream].nextPoll = fleet[upstream].cooling > 0 ? now.advanced(by: limits.coolingPollInterval) : nil
        if fleet[upstream].attention == .wanted { fleet[upstream].attention = .regular }
        guard let owner = fleet[upstream].owner, let agent = agents[owner] else { return }
        fleet[upstream].lastPoll = now
        decisions.append(.poll(agent.id))
    }

    /// Something was sent to a server that its agent seldom looks at: whether others use it, too, is to be seen now.
    mutating func wantLook(at upstream: Int, at now: Instant) {
        fleet[upstream].attention = .wanted
        // By then the server has begun with what was sent, so that it isn't taken for idle.
        pollSoon(upstream, at: now.advanced(by: max(limits.coolingPollSoon, Nanoseconds(.milliseconds(1)))))
    }

    /// Asks for a fresh sample at this time, or as soon after it as that may be.
    mutating func pollSoon(_ upstream: Int, at time: Instant) {
        let soonest = fleet[upstream].lastPoll?.advanced(by: SchedulerLimits.shortestPollInterval)
        let due = max(time, soonest ?? time)
        fleet[upstream].nextPoll = min(due, fleet[upstream].nextPoll ?? due)
        setTimer(of: upstream)
    }

    private mutating func append(_ request: Int32, toCoolingOf upstream: Int, at now: Instant) {
        if let last = fleet[upstream].coolingRequests.last {
            ledger[Int(last)].state = .cooling(upstream: Int32(upstream), next: request)
        } else {
            fleet[upstream].coolingRequests.first = request
            fleet[upstream].coolingRequests.since = now
        }
        fleet[upstream].coolingRequests.last = request
    }

    private mutating func schedulePoll(of upstream: Int, after runsOn: RunsOn, at now: Instant) {
        let delay = runsOn == .briefly ? limits.coolingPollSoon : SchedulerLimits.shortestPollInterval
        pollSoon(upstream, at: now.advanced(by: delay))
    }
}
