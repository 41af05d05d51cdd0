import Scheduling
import SeededRandom

// What servers and agents do.

extension Simulation {
    mutating func changeSomeServer() {
        let server = random.below(servers.count)
        guard random.chance(profile.faults * 3) else {
            if servers[server].life == .loading { servers[server].life = .up }
            if servers[server].life == .dead { servers[server].life = .loading }
            return changeGuests(of: server)
        }
        servers[server].stop(random.chance(50) ? .dead : .loading)
        if profile.totalsChange { servers[server].total = random.below(5) }
        trace.note("server \(server) is \(servers[server].life), \(servers[server].total) slots")
    }

    mutating func connectAgent() throws(Violation) {
        guard agents.count < 8 else { return }
        lastAgent += 1
        let agent = SimulatedAgent(id: AgentID(rawValue: "a\(lastAgent)"), server: random.below(servers.count))
        agents.append(agent)
        trace.note("\(agent.id) connects for server \(agent.server)")
        try deliver(sample(agents.count - 1))
    }

    mutating func changeSomeAgent() throws(Violation) {
        guard !agents.isEmpty else { return }
        let index = random.below(agents.count)
        switch random.below(5) {
        case 4:
            // It is about to stop, and says so.
            leaving.insert(agents[index].id)
            agents[index].isLeaving = true
            try deliver(sample(index))
        case 0:
            // It ends, and comes back as another sooner or later. Sometimes nobody notices the end.
            let agent = agents.remove(at: index)
            if random.chance(70) { try leave(agent.id) }
        case 1:
            agents[index].server = random.below(servers.count)
            trace.note("\(agents[index].id) moves to server \(agents[index].server)")
            try deliver(sample(index))
        case 2:
            agents[index].isConnected.toggle()
            if !agents[index].isConnected { try leave(agents[index].id) }
        default:
            try leave(AgentID(rawValue: "a\(random.below(lastAgent + 2))"))
        }
    }

    mutating func leave(_ agent: AgentID) throws(Violation) {
        for server in hearsay.indices { hearsay[server].forget(agent) }
        let decisions = scheduler.agentLeft(agent, at: someNow())
        trace.note("\(agent) left\(decisions.words)")
        try carryOut(decisions)
    }

    mutating func reportSomething() throws(Violation) {
        guard !agents.isEmpty else { return }
        let index = random.below(agents.count)
        guard agents[index].isConnected else { return }
        if random.chance(60) {
            try deliver(sample(index))
        } else if mail.count < 20 {
            mail.append(sample(index))
        }
    }

    mutating func sampleAndMail(_ agent: AgentID) {
        guard let index = agents.firstIndex(where: { $0.id == agent && $0.isConnected }), mail.count < 20 else {
            return
        }
        mail.append(sample(index))
    }

    mutating func deliverSomeMail() throws(Violation) {
        guard !mail.isEmpty else { return }
        let index = random.below(mail.count)
        let next = mail[index]
        if !random.chance(10) { mail.remove(at: index) }
        if random.chance(90) { try deliver(next) }
    }

    mutating func drainSomething() throws(Violation) {
        let upstreams = scheduler.snapshot(at: now).upstreams
        guard !upstreams.isEmpty else { return }
        let upstream = upstreams[random.below(upstreams.count)]
        let decisions: Decisions
        if let index = drained.firstIndex(of: upstream.address) {
            drained.remove(at: index)
            decisions = scheduler.undrain(upstream.address, at: someNow())
        } else {
            let isFull = drained.count == profile.configuration.maximumUpstreams
            let unknown = drained.firstIndex { address in !upstreams.contains { $0.address == address } }
            if isFull, let unknown { drained.remove(at: unknown) }
            drained.append(upstream.address)
            decisions = scheduler.drain(upstream.address, at: someNow())
        }
        trace.note("drain or undrain \(upstream.address)\(decisions.words)")
        try carryOut(decisions)
    }

    mutating func failFreeRequest() throws(Violation) {
        let avoided = scheduler.snapshot(at: now).upstreams.randomElement(using: &random)?.id
        guard let (upstream, route) = scheduler.freeUpstream(avoiding: avoided) else { return try waitForServer() }
        guard upstream != avoided || usableCountWithoutSlot == 1 else {
            throw Violation(.avoidance, "a request without a slot was sent again to where it failed")
        }
        let address = route.address
        guard let server = servers.firstIndex(where: { $0.address == address }) else {
            throw Violation(.onlyUsable, "a request without a slot was sent to \(address), where nobody is")
        }
        guard servers[server].life != .up || random.chance(profile.faults) else { return }
        hearsay[server].failed(upstream, leased: now, at: now, ejectedFor: nil)
        let time = someNow()
        let before = self.upstream(upstream)
        let decisions: Decisions
        if random.chance(30) {
            let sent = max(now - .milliseconds(random.below(2000)), Instant(nanoseconds: 0))
            let broke = records[server].firstBreak
            let isSuspect: Bool
            (isSuspect, decisions) = scheduler.serverDied(upstream, sentAt: sent, at: time)
            trace.note("one without a slot, sent at \(sent), ends with \(address)\(decisions.words)")
            guard isSuspect == broke.map({ $0 > sent }) ?? true else {
                throw Violation(
                    .suspects,
                    "a request without a slot is \(isSuspect ? "" : "not ")blamed for \(address)"
                )
            }
        } else {
            decisions = scheduler.connectFailed(upstream, at: time)
            trace.note("can't connect to \(address)\(decisions.words)")
        }
        try checkEjection(on: server, after: .connectFailed, before: before)
        try carryOut(decisions)
    }

    /// Of those that such a request may go to; all, if it may go nowhere.
    func usableCount(for demand: RequestDemand) -> Int {
        let usable = scheduler.snapshot(at: clock).upstreams.filter(\.isUsable)
        let serving = usable.count { scheduler.mayServe($0.id, demand) }
        return serving > 0 ? serving : usable.count
    }

    /// The same of those that need no slot and name no model.
    private var usableCountWithoutSlot: Int {
        scheduler.snapshot(at: clock).upstreams.count { $0.isUsable && scheduler.mayServeWithoutSlot($0.id, nil) }
    }

    private mutating func waitForServer() throws(Violation) {
        if let leaving = slotless.keys.min(by: { $0.rawValue < $1.rawValue }), random.chance(30) {
            slotless[leaving] = nil
            guard scheduler.cancelSlotless(leaving) else {
                throw Violation(.nothingIsLost, "a request that waits for a server can't be cancelled")
            }
        }
        lastSlotless += 1
        let id = RequestID(rawValue: 1 << 40 + lastSlotless)
        let time = exactNow()
        switch scheduler.submitSlotless(id, avoiding: nil, arrived: time, at: time) {
        case .waits:
            slotless[id] = time
        case .send:
            throw Violation(.onlyUsable, "a request without a slot was sent where nobody is")
        case .reject(let rejection):
            // Where there are several models, requests for slots wait elsewhere.
            let waiting = scheduler.queuedForAnyServerCount + scheduler.slotlessCount
            let isRight =
                switch rejection {
                case .shuttingDown: phase == .closed
                case .queueFull: waiting >= profile.configuration.maximumQueued
                case .noServer: min(profile.configuration.maximumQueued, 1) == 0
                case .modelQueueFull, .tenantQueueFull, .tenantBusy, .waitTooLong, .waitedTooLong, .attemptsExhausted,
                    .unknownModel, .modelNotNamed, .workNotServed, .modelFailed:
                    false
                }
            guard isRight else { throw Violation(.queueLimit, "a request without a slot was refused: \(rejection)") }
        }
    }

    mutating func deliver(_ mail: Mail) throws(Violation) {
        let total = mail.report.slots?.total ?? 0
        servers[mail.server].highestReported = max(servers[mail.server].highestReported, total)
        for server in hearsay.indices { hearsay[server].forget(mail.report.agent) }
        hearsay[mail.server].heard(mail.report, at: now)
        let time = someNow()
        let before = upstream(at: mail.report.address)
        let decisions = scheduler.reported(mail.report, at: time)
        trace.note("\(Self.words(mail.report, at: now))\(decisions.words)")
        try checkReport(mail, before: before)
        try carryOut(decisions)
    }

    /// What an agent sees now, by a clock that isn't quite the balancer's.
    mutating func sample(_ index: Int) -> Mail {
        let server = servers[agents[index].server]
        var slots: SlotSample?
        if server.life == .up, random.chance(95) {
            let earliest = now - .milliseconds(random.below(40))
            let latest = now + .milliseconds(random.below(40))
            let processing = server.processing(at: now)
            slots = SlotSample(
                total: server.total,
                processing: processing,
                taken: earliest...latest,
                isResting: processing == 0 && random.chance(30)
            )
            if profile.hasForeigners, random.chance(2) {
                // By a clock that is a day off.
                let shift = Duration.seconds(random.pick([-86_400, 86_400]))
                slots?.taken = earliest + shift...latest + shift
            }
            if profile.hasForeigners, random.chance(2) { slots?.processing = random.pick([-5, Int.max, Int.min, 7]) }
        }
        let report = UpstreamReport(
            agent: agents[index].id,
            route: UpstreamRoute(address: server.address),
            condition: server.condition,
            slots: slots,
            isSleeping: random.chance(5),
            isLeaving: agents[index].isLeaving,
            models: server.life == .up ? server.models : [],
            role: server.life == .up ? server.role : nil,
            contextSize: server.life == .up ? server.context : nil,
            weight: server.weight,
            maximumSilence: random.chance(90) ? .seconds(15) : .milliseconds(random.below(500))
        )
        return Mail(report: report, server: agents[index].server)
    }

    private mutating func changeGuests(of server: Int) {
        guard profile.hasForeigners, servers[server].life == .up else { return }
        switch random.below(3) {
        case 0: servers[server].foreign = random.below(3)
        default: servers[server].ghosts = random.below(servers[server].ghosts + 1)
        }
    }

    private static func words(_ report: UpstreamReport, at now: Instant) -> String {
        guard let slots = report.slots else { return "\(report.agent) of \(report.address): \(report.condition)" }
        let ages = [slots.taken.upperBound, slots.taken.lowerBound].map { "\(now - $0)" }
        return """
            \(report.agent) of \(report.address): \(report.condition), \(slots.processing) of \(slots.total), \
            \(ages[0]) to \(ages[1]) ago
            """
    }
}
