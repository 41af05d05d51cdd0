import Scheduling
import SeededRandom

// Which event comes next, and how everything ends.

extension Simulation {
    mutating func happen() throws(Violation) {
        switch random.below(100) {
        case 0..<30: try submit()
        case 30..<62: try advanceOne()
        case 62..<66: try cancelOne()
        case 66..<76: try tick()
        case 76..<85: try reportSomething()
        case 85..<89: try deliverSomeMail()
        case 89..<92: changeSomeServer()
        case 92: try connectAgent()
        case 93: if random.chance(30 + profile.faults) { try changeSomeAgent() }
        case 94: if random.chance(20) { try drainSomething() }
        case 95: try failFreeRequest()
        case 96..<98: try useSomethingStale()
        default: if profile.shutsDown, random.chance(5) { try shutDown() }
        }
        try checkOrder()
        mostRequests = max(mostRequests, scheduler.queuedCount + scheduler.leasedCount + scheduler.coolingCount)
    }

    mutating func tick() throws(Violation) {
        noteIdleBesideHeld()
        let due = scheduler.nextTick
        let before = (scheduler.summary, scheduler.queuedCount, scheduler.coolingCount, scheduler.upstreamCount)
        let decisions = scheduler.tick(at: exactNow())
        lastTick = now
        let after = (scheduler.summary, scheduler.queuedCount, scheduler.coolingCount, scheduler.upstreamCount)
        if due.map({ $0 > now }) ?? true, !decisions.isEmpty || before != after {
            throw Violation(.ticks, "a tick did what nobody was told to come back for")
        }
        trace.note("tick\(decisions.words)")
        try carryOut(decisions)
        try checkDeadlines()
        if let next = scheduler.nextTick, next <= now { throw Violation(.ticks, "a tick left something that was due") }
    }

    private mutating func shutDown() throws(Violation) {
        switch phase {
        case .accepting:
            trace.note("no more requests")
            phase = .finishing
            scheduler.stopAccepting()
        case .finishing:
            phase = .closed
            let decisions = scheduler.rejectAll(at: someNow())
            trace.note("the end of the shutdown\(decisions.words)")
            try carryOut(decisions)
            guard scheduler.queuedCount == 0 else { throw Violation(.shutdown, "somebody waits after the shutdown") }
        case .closed: return
        }
    }

    // MARK: - The end

    /// The faults stop, and time passes: everything must end, and a fleet that is whole again be used again.
    mutating func finish() throws(Violation) {
        try makeWhole()
        // Ejections last 30 s at most, waits 60 s, the memory of an agent that left without a word 150 s.
        for _ in 0..<160 {
            try passASecond()
            if scheduler.queuedCount + scheduler.leasedCount + scheduler.coolingCount == 0, isWhole { break }
        }
        guard requests.isEmpty, scheduler.queuedCount == 0, scheduler.leasedCount == 0, scheduler.coolingCount == 0
        else { throw Violation(.everythingEnds, "\(requests.count) requests never end") }
        guard isWhole else {
            throw Violation(.recovery, "a whole fleet isn't used: \(scheduler.snapshot(at: now).upstreams)")
        }
        try useAll()
        try leaveNothing()
    }

    private var isWhole: Bool {
        let slots = servers[..<reachable].reduce(0) { $0 + $1.total }
        return scheduler.summary.usable == reachable && scheduler.summary.slotsIdle == slots
    }

    /// Servers that the scheduler has room for.
    private var reachable: Int { min(servers.count, profile.configuration.maximumUpstreams) }

    private mutating func makeWhole() throws(Violation) {
        trace.note("the faults stop")
        mail = []
        for agent in agents { try leave(agent.id) }
        let formerlyDrained = drained
        drained = []
        for address in formerlyDrained { try carryOut(scheduler.undrain(address, at: exactNow())) }
        agents = []
        for index in servers.indices {
            if servers[index].life == .dead || servers[index].life == .loading { servers[index].life = .up }
            servers[index].foreign = 0
            servers[index].ghosts = 0
        }
        for index in 0..<reachable {
            lastAgent += 1
            agents.append(SimulatedAgent(id: AgentID(rawValue: "a\(lastAgent)"), server: index))
        }
    }

    private mutating func passASecond() throws(Violation) {
        trace.step += 1
        now = now + .seconds(1)
        trace.now = now
        for index in agents.indices {
            var mail = sample(index)
            mail.report.maximumSilence = .seconds(15)
            mail.report.isSleeping = false
            let total = servers[mail.server].total
            let processing = servers[mail.server].processing(at: now)
            mail.report.slots = SlotSample(total: total, processing: processing, taken: now...now)
            try deliver(mail)
        }
        try tick()
        for index in requests.indices.reversed() where index < requests.count && !requests[index].isQueued {
            try end(index, .answered)
        }
        try check()
    }

    private mutating func useAll() throws(Violation) {
        guard phase == .accepting else { return }
        // Where there are several models, what isn't said can't be asked for.
        let upstreams = scheduler.snapshot(at: now).upstreams.filter {
            scheduler.mayServe($0.id, RequestDemand(model: $0.models.first))
        }
        for upstream in upstreams {
            for _ in 0..<upstream.slotsIdle { try use(upstream.models.first) }
        }
        guard upstreams.allSatisfy({ self.upstream($0.id)?.slotsIdle == 0 }) else {
            throw Violation(.recovery, "a slot was used twice")
        }
        try check()
        while !requests.isEmpty { try end(requests.count - 1, .answered) }
    }

    private mutating func use(_ model: String?) throws(Violation) {
        lastRequest += 1
        let id = RequestID(rawValue: lastRequest)
        let submission = scheduler.submit(id, for: RequestDemand(model: model), at: exactNow())
        guard case .dispatch(let lease) = submission else { throw Violation(.recovery, "an idle slot isn't used") }
        requests.append(
            ExpectedRequest(
                id: id,
                demand: RequestDemand(model: model),
                state: .queued(QueueTicket.none, since: now, deadline: now)
            )
        )
        try dispatched(lease)
    }

    private mutating func leaveNothing() throws(Violation) {
        for agent in agents { try leave(agent.id) }
        // Those who left without a word fall silent and are forgotten.
        for _ in 0..<3 {
            now = now + .seconds(150)
            try tick()
        }
        try check()
        guard scheduler.isEmpty else {
            throw Violation(.nothingIsLeft, "something is left: \(scheduler.snapshot(at: now))")
        }
        guard scheduler.recordCount <= mostRequests + profile.crowd + 20 else {
            throw Violation(.nothingIsLeft, "\(scheduler.recordCount) records for \(mostRequests) requests at one time")
        }
    }
}
