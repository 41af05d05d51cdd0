// The walk of a request: submitted, perhaps queued, leased, perhaps back again, ended.

public import LlamaServer

extension Scheduler {
    /// Hands a request in.
    ///
    /// An idle slot is never one that somebody in the queue could use, so it is taken without a look at the queue.
    public mutating func submit(
        _ request: RequestID,
        for demand: RequestDemand = RequestDemand(),
        at now: Instant
    ) -> Submission {
        let now = advance(to: now)
        counters.submitted += 1
        let course: Course
        switch prospect(of: demand, at: now) {
        case .rejected(let rejection): return reject(rejection)
        case .accepted(let accepted): course = accepted
        }
        let index = ledger.add(request, for: course.demand, in: course.pool, at: now)
        ledger[index].choice = course.choice
        share(index, in: course.pool)
        if case .at(let upstream) = course.start { return .dispatch(lease(index, on: upstream, at: now)) }
        counters.queued += 1
        ledger[index].awaitsLoad = !placement.isEmpty && fleet.pools[course.pool].isEmpty
        ledger[index].mostElsewhere = course.mostElsewhere
        if case .held(let hold) = course.start {
            begin(hold, of: index, at: now)
        } else {
            enqueue(index, at: now)
            keepSlots()
        }
        if ledger[index].tenant != nil, !keepings.isEmpty || !queue.poolsOfWide.isEmpty { mustLookAgain = true }
        return .queued(ledger.ticket(index))
    }

    /// Takes a request out of the queue because its client has left.
    /// - Returns: false when it was no longer there: a dispatch or a rejection is on its way, and a lease that arrives
    ///   has to be given back; and what happens to others, for whom slots are free that were kept for this one.
    public mutating func cancel(_ ticket: QueueTicket, at now: Instant) -> (wasThere: Bool, Decisions) {
        let now = advance(to: now)
        var decisions = Decisions()
        guard let index = ledger.index(of: ticket), case .queued = ledger[index].state else {
            return (false, decisions)
        }
        let mattersToOthers = !queue.poolsOfWide.isEmpty
        dequeue(index)
        endRequest(index, at: now)
        counters.cancelled += 1
        if mattersToOthers || queue.hasWoken { dispatchWaiting(at: now, &decisions) }
        return (true, decisions)
    }

    /// Out of the queue, and not to a slot.
    mutating func dequeue(_ request: Int) {
        let pool = ledger[request].pool
        if !keepings.isEmpty, keepings[pool]?.request == request { endKeeping(in: pool) }
        fallbacks.remove(request)
        queue.remove(request, from: ledger[request].line)
        fleet.touchPool(pool)
        placement.look()
    }

    /// Gives a lease back for good; a stale one does nothing.
    ///
    /// - Parameter use: what the answer says of its prompt; nil: nothing.
    /// - Returns: what happens with the slot.
    public mutating func finished(
        _ lease: Lease,
        _ outcome: Outcome,
        use: ReportedUsage? = nil,
        at now: Instant
    ) -> Decisions {
        let now = advance(to: now)
        var decisions = Decisions()
        guard let (index, upstream) = running(lease) else { return decisions }
        if let use { note(use, of: index, at: upstream) }
        if outcome.leavesPrompt {
            parkPrompt(of: index, at: upstream, use)
        } else {
            dropPrompt(of: index, at: upstream)
        }
        switch outcome {
        case .answered:
            counters.answered += 1
            fleet[upstream].ejection.answered()
            noteLife(of: upstream, at: ledger[index].leasedAt)
            if !ledger[index].isNamed { serviceTime.note(now.since(ledger[index].since)) }
            if ledger[index].refusal != nil { ejectWhoRefused(index, answeredBy: upstream, at: now) }
            end(index, on: upstream, at: now, &decisions)
        case .failed:
            counters.failed += 1
            noteBreak(upstream, at: now)
            // One that answers every request at once with nonsense would always be the least busy.
            eject(upstream, after: .brokenOff, at: now)
            end(index, on: upstream, at: now, &decisions)
        case .timedOut:
            counters.failed += 1
            eject(upstream, after: .brokenOff, at: now)
            cool(index, on: upstream, .untilItLooks, at: now)
        case .serverDied:
            counters.failed += 1
            eject(upstream, after: .connectFailed, at: now)
            end(index, on: upstream, at: now, &decisions)
        case .unsent:
            counters.unsent += 1
            end(index, on: upstream, at: now, &decisions)
        case .clientLeft(runsOn: .no):
            counters.clientsLeft += 1
            end(index, on: upstream, at: now, &decisions)
        case .clientLeft(let runsOn):
            counters.clientsLeft += 1
            cool(index, on: upstream, runsOn, at: now)
        }
        tellIfDrained(upstream, &decisions)
        dispatchWaiting(at: now, &decisions)
        return decisions
    }

    private mutating func note(_ use: ReportedUsage, of request: Int, at upstream: Int) {
        fleet[upstream].promptPace.note(use, ledger[request].demand.size)
        let running = max(ledger[request].runningAtStart, fleet[upstream].processing)
        if let pace = fleet[upstream].promptPace.noteSpeed(use, running: running) { fleet.setPace(pace, of: upstream) }
    }

    /// Gives a lease back after a failure before the first byte of an answer. The request is dispatched elsewhere at
    /// once, or goes back to where its arrival places it in the queue, full or not, or is rejected.
    /// - Returns: what becomes of this request, nil if the lease is stale; and what happens to others.
    public mutating func retry(
        _ lease: Lease,
        after failure: Failure,
        at now: Instant
    ) -> (Submission?, Decisions) {
        let now = advance(to: now)
        var decisions = Decisions()
        guard let (index, upstream) = running(lease) else { return (nil, decisions) }
        dropPrompt(of: index, at: upstream)
        counters.count(failure)
        switch failure {
        case .connectFailed, .unavailable, .refused:
            // It executed nothing, so the client has been waiting all the time.
            ledger[index].waited = waited(index, at: now)
            if failure == .refused {
                avoid(upstream, index)
                ledger[index].refusal = ledger[index].avoidance
            }
        case .brokenOff:
            noteBreak(upstream, at: now)
            ledger[index].timesBrokenOff += 1
            avoid(upstream, index)
        }
        if failure != .refused { eject(upstream, after: failure, at: now) }
        let submission = comeBack(index, from: upstream, isCharged: failure.isCharged, at: now, &decisions)
        return (submission, decisions)
    }

    /// A request whose lease ends before anything of it was answered.
    ///
    /// - Parameter isCharged: whether its tenant is charged for the time of that lease.
    mutating func comeBack(
        _ index: Int,
        from upstream: Int,
        isCharged: Bool,
        at now: Instant,
        _ decisions: inout Decisions
    ) -> Submission {
        if let rejection = whyNotAgain(index) {
            end(index, on: upstream, isCharged: isCharged, at: now, &decisions)
            tellIfDrained(upstream, &decisions)
            dispatchWaiting(at: now, &decisions)
            return reject(rejection)
        }
        counters.retried += 1
        endSharing(index, isCharged: isCharged, at: now)
        ledger.requeue(index, at: now)
        ledger[index].choice?.waitAgain(at: now)
        enqueue(index, at: now)
        giveBack(ledger[index].slots, of: upstream, at: now)
        tellIfDrained(upstream, &decisions)
        if let lease = dispatchWaiting(at: now, &decisions, own: index) { return .dispatch(lease) }
        return .queued(ledger.ticket(index))
    }

    /// An upstream for a request that needs no slot: the least busy usable one.
    /// - Parameters:
    ///   - avoiding: passed over for as long as there is another.
    ///   - model: whose servers are meant, if there are any by that name; else any server will do.
    public func freeUpstream(avoiding: UpstreamID?, for model: String? = nil) -> (UpstreamID, UpstreamRoute)? {
        let avoided = avoiding.flatMap { fleet.index(of: $0) }
        return fleet.pools[poolOfSlotless(for: model)].leastBusy(avoiding: avoided)
            .map { (fleet.id(of: $0), fleet.route(of: $0)) }
    }

    func poolOfSlotless(for model: String?) -> Int {
        if case .pool(let pool) = place(for: servedName(of: model)) { pool } else { ModelPools.everything }
    }

    /// How the usable upstreams are reached, for what is asked of all of them; O(upstreams).
    ///
    /// - Parameter limit: no more than these.
    public func usableRoutes(limit: Int) -> [UpstreamRoute] {
        Array(
            fleet.upstreams.indices.lazy
                .filter { fleet.isKnown($0) && fleet[$0].isUsable }
                .map { fleet.route(of: $0) }
                .prefix(limit)
        )
    }

    /// New requests are refused from now on; those in the queue and those that come back to it keep their chance.
    public mutating func stopAccepting() {
        guard phase == .accepting else { return }
        phase = .finishing
    }

    /// Refuses what is left of the queue, and from now on everything that would wait.
    public mutating func rejectAll(at now: Instant) -> Decisions {
        let now = advance(to: now)
        phase = .closed
        var decisions = Decisions()
        while let held = queue.held.nextEnd { endHold(held.request) }
        while let due = queue.nextDeadline {
            rejectQueued(due.request, .shuttingDown, at: now, &decisions)
        }
        rejectAllSlotless(&decisions)
        return decisions
    }

    mutating func rejectQueued(
        _ index: Int,
        _ rejection: Rejection,
        at now: Instant,
        _ decisions: inout Decisions
    ) {
        dequeue(index)
        decisions.append(.reject(ledger[index].id, rejection))
        endRequest(index, at: now)
        counters.count(rejection)
    }

    /// After a lease or a cooling slot has been taken off it: an upstream that nobody speaks for ends with the last one.
    mutating func forgetIfUnused(_ upstream: Int, at now: Instant) {
        guard fleet[upstream].owner == nil, fleet[upstream].leased == 0, fleet[upstream].cooling == 0 else { return }
        queue.stopAvoiding(upstream)
        endHolds(for: upstream)
        endKeeping(at: upstream)
        fleet.forget(upstream, at: now)
        forgetPrompts(at: upstream)
    }

    // Hot: for a call of what doesn't mutate, and isn't inlined, the whole scheduler is copied.
    @inline(__always)
    func running(_ lease: Lease) -> (index: Int, upstream: Int)? {
        guard let index = ledger.index(of: lease.ticket), case .leased(let upstream) = ledger[index].state else {
            return nil
        }
        return (index, Int(upstream))
    }

    private func whyNotAgain(_ index: Int) -> Rejection? {
        let record = ledger[index]
        if phase == .closed { return .shuttingDown }
        switch place(for: record.demand) {
        case .unnamed, .unable: return rejection(record.demand)
        case .pool, .unknown: break
        }
        if record.timesBrokenOff >= limits.maximumAttempts {
            return .attemptsExhausted(attempts: record.timesBrokenOff)
        }
        if record.hadLastChance, record.waited >= limits.queueTimeout {
            return .waitedTooLong(waited: record.waited.duration, summary(for: record.demand))
        }
        return nil
    }

    mutating func avoid(_ upstream: Int, _ index: Int) {
        ledger[index].avoidance = .init(upstream: Int32(upstream), epoch: fleet[upstream].epoch)
    }

    /// That a server refuses a request may be the request's fault. That another one answers the same request shows that it
    /// was the server's.
    private mutating func ejectWhoRefused(_ index: Int, answeredBy upstream: Int, at now: Instant) {
        guard let refusal = ledger[index].refusal, Int(refusal.upstream) != upstream,
            fleet[Int(refusal.upstream)].epoch == refusal.epoch
        else { return }
        eject(Int(refusal.upstream), after: .refused, at: now)
    }

    private mutating func enqueue(_ index: Int, at now: Instant) {
        // It may have been placed when there were other models.
        chooseAgain(index, at: now)
        ledger[index].pool = poolOfWaiting(for: ledger[index].demand) ?? ModelPools.everything
        if queue.count(in: ledger[index].pool) == 0, !unaskedForeign.isEmpty { askForForeign(at: now) }
        let left = limits.queueTimeout - ledger[index].waited
        if left < SchedulerLimits.moment { ledger[index].hadLastChance = true }
        insert(index, into: ledger[index].pool)
    }

    /// One that waits since it came into that state.
    ///
    /// - Parameter extended: its time is up then at the earliest.
    mutating func insert(_ index: Int, into pool: Int, extended: Instant? = nil) {
        ledger[index].pool = pool
        let left = max(limits.queueTimeout - ledger[index].waited, SchedulerLimits.moment)
        let arrival = ledger[index].arrival
        let deadline = max(ledger[index].since.advanced(by: left), extended ?? Instant(nanoseconds: .min))
        setLine(of: index, in: pool)
        if ledger[index].demand.slots > 1 {
            queue.insertWide(index, in: ledger[index].line, arrival: arrival, deadline: deadline)
        } else {
            queue.insert(
                index,
                in: ledger[index].line,
                arrival: arrival,
                deadline: deadline,
                avoiding: avoided(by: index),
                hasTrail: ledger[index].demand.trail != nil
            )
        }
        noteFallback(index)
        fleet.touchPool(pool)
        placement.look()
    }

    /// An upstream that has begun a new life since, or was forgotten, isn't the one that broke it off.
    @inline(__always)
    func avoided(by request: Int) -> Int? {
        ledger[request].avoidance.flatMap { fleet[Int($0.upstream)].epoch == $0.epoch ? Int($0.upstream) : nil }
    }

    private mutating func end(
        _ index: Int,
        on upstream: Int,
        isCharged: Bool = true,
        at now: Instant,
        _ decisions: inout Decisions
    ) {
        let slots = ledger[index].slots
        endSharing(index, isCharged: isCharged, at: now)
        endRequest(index, at: now)
        if slots > 1 || !handOver(upstream, at: now, &decisions) { giveBack(slots, of: upstream, at: now) }
    }

    private mutating func giveBack(_ slots: Int, of upstream: Int, at now: Instant) {
        fleet.giveBack(slots, of: upstream, at: now)
        forgetIfUnused(upstream, at: now)
    }

    mutating func reject(_ rejection: Rejection) -> Submission {
        counters.count(rejection)
        return .reject(rejection)
    }
}
