import LlamaServer
import Scheduling
import SeededRandom

// Who does what next, and what goes wrong.

extension FleetSimulation {
    mutating func happen() throws(Violation) {
        switch random.below(100) {
        case 0..<55: try submit()
        case 55..<61: if !requests.isEmpty { try clientLeaves(random.below(requests.count)) }
        case 61..<67: changeServer(random.below(servers.count))
        case 67..<71: changeGuests(of: random.below(servers.count))
        case 71..<76: startSomeAgent()
        case 76..<79: if let agent = someAgent() { try stopAgent(agent) }
        case 79..<81: if let agent = someAgent() { kill(agent) }
        case 81..<83: try drainSomething()
        case 83..<93: if !profile.isCalm { disturb() }
        default: break
        }
    }

    private mutating func changeServer(_ server: Int) {
        switch (servers[server].life, random.below(4)) {
        case (.up, 0): stopServer(server, .dead)
        case (.up, 1): stopServer(server, .loading)
        case (.up, 2) where !profile.isCalm: if random.chance(50) { hang(server) } else { standStill(server) }
        case (.dead, _): servers[server].life = .loading
        case (.loading, _):
            if random.chance(25) { servers[server].total = 1 + random.below(4) }
            servers[server].life = .up
        case (.up, _): if hanging.contains(server) || still[server] != nil { wake(server) }
        }
    }

    private mutating func hang(_ server: Int) {
        guard still[server] == nil else { return }
        disturbed(server)
        trace.note("server \(server) hangs")
        hanging.insert(server)
        standings[server].begins(at: now)
    }

    private mutating func standStill(_ server: Int) {
        guard still[server] == nil, !hanging.contains(server) else { return }
        still[server] = StillServer(since: now, showsSlots: random.chance(70))
        standings[server].begins(at: now)
        trace.note("server \(server) stands still")
    }

    /// It may take longer now until agents find out what is wrong with their server.
    mutating func disturbed(_ server: Int, until time: Instant? = nil) {
        quietSince[server] = max(quietSince[server], time ?? now)
    }

    /// What has waited for it goes on.
    mutating func wake(_ server: Int) {
        trace.note("server \(server) goes on")
        endStandstill(of: server)
        disturbed(server)
        for request in requests {
            guard case .leased(_, server, _, .sent) = request.state else { continue }
            plan(.requestArrives(request.id, attempt: request.attempts), in: some(.milliseconds(5)))
        }
    }

    mutating func endStandstill(of server: Int) {
        hanging.remove(server)
        still[server] = nil
        standings[server].ends(at: now)
    }

    private mutating func changeGuests(of server: Int) {
        guard !profile.isCalm, servers[server].life == .up, still[server] == nil else { return }
        servers[server].foreign = random.below(3)
        trace.note("\(servers[server].foreign) others on server \(server)")
    }

    private mutating func startSomeAgent() {
        let server = random.below(servers.count)
        let count = agents.count { $0.isAlive && $0.server == server }
        guard count == 0 || (count == 1 && random.chance(20)) else { return }
        startAgent(for: server)
    }

    private mutating func someAgent() -> Int? {
        agents.indices.filter { agents[$0].isAlive }.randomElement(using: &random)
    }

    private mutating func kill(_ agent: Int) {
        trace.note("\(agents[agent].id) is killed")
        // With its machine, nobody is there to end its connection.
        if !profile.isCalm, random.chance(30), let connection = agents[agent].connection { halfOpen(connection) }
        end(agent)
    }

    private mutating func drainSomething() throws(Violation) {
        let address = servers[random.below(servers.count)].address
        trace.note("drain or undrain \(address)")
        if drained.remove(address) != nil {
            try carryOut(scheduler.undrain(address, at: now))
        } else if drained.count < profile.configuration.maximumUpstreams {
            drained.insert(address)
            try carryOut(scheduler.drain(address, at: now))
        }
    }

    private mutating func disturb() {
        guard let agent = someAgent() else { return }
        switch (random.below(6), agents[agent].connection) {
        case (0, let connection?): cut(connection)
        case (1, let connection?): halfOpen(connection)
        case (2, let connection?): stall(connection, for: some(.seconds(20)))
        case (3, _): suspend(agent, clockStops: false)
        case (4, _): suspend(agent, clockStops: true)
        case (5, _):
            let jump = random.pick([Duration.seconds(2), .seconds(86_400)])
            trace.note("the clock of \(agents[agent].id) jumps \(jump) ahead")
            agents[agent].ahead += jump
            agents[agent].hasJumped = true
            disturbed(agents[agent].server)
        default: break
        }
    }

    private mutating func suspend(_ agent: Int, clockStops: Bool) {
        let time = some(.seconds(40))
        guard agents[agent].suspendedUntil <= now else { return }
        agents[agent].suspendedUntil = now + time
        disturbed(agents[agent].server, until: now + time)
        if clockStops { agents[agent].ahead -= time }
        trace.note("\(agents[agent].id) is suspended for \(time)\(clockStops ? ", and so is its clock" : "")")
    }

    // MARK: - The end

    /// The faults stop, and time passes: everything must end, and a fleet that is whole again be used again.
    mutating func finish() throws(Violation) {
        try makeWhole()
        // Those that are suspended or don't know that nothing arrives still seem to be well. Dead connections are given up,
        // and doubts about a clock settled, 15 s later.
        let disturbances = agents.filter(\.isAlive).map { agent in
            let connection = agent.connection.map { connections[$0] }
            let isDisturbed = connection.map { $0.isHalfOpen || $0.stalledUntil > now } ?? false
            return max(
                agent.suspendedUntil,
                connection?.stalledUntil ?? now,
                isDisturbed ? now + .milliseconds(1) : now
            )
        }
        if let last = disturbances.max(), last > now { try pass(last - now + .seconds(20)) }
        try recover()
        // Where nothing is wrong, nobody else uses a server.
        if !profile.isCalm { try leaveStuckAlone(random.below(servers.count)) }
        try useAll()
        try leaveNothing()
    }

    private mutating func recover() throws(Violation) {
        // Ejections last 30 s at most, waits 60 s, connections that are dead without anybody's knowing 60 s.
        for _ in 0..<80 {
            try pass(.seconds(1))
            if isAtRest, isWhole { break }
        }
        guard isAtRest else {
            throw Violation(.everythingEnds, "\(requests.count) requests and \(scheduler.coolingCount) slots never end")
        }
        guard isWhole else {
            throw Violation(.recovery, "a whole fleet isn't used: \(scheduler.snapshot(at: now).upstreams)")
        }
    }

    /// One server stands still for longer than its agent allows, with another's request in it: nothing is sent there, and
    /// when it goes on, it is used again.
    private mutating func leaveStuckAlone(_ server: Int) throws(Violation) {
        servers[server].foreign = 1
        standStill(server)
        try pass(.seconds(60))
        profile.crowd = .max
        for _ in 0..<20 { try submit() }
        try pass(.seconds(1))
        wake(server)
        servers[server].foreign = 0
        try recover()
    }

    private var isAtRest: Bool {
        requests.isEmpty && scheduler.queuedCount + scheduler.leasedCount + scheduler.coolingCount == 0
    }

    private var isWhole: Bool {
        let slots = servers.reduce(0) { $0 + $1.total }
        // From one look at the slots to the next it is 5 s, unless the agent rests.
        let areFresh = scheduler.snapshot(at: now).upstreams.allSatisfy { upstream in
            (upstream.sinceLastSample ?? .zero) < .seconds(8)
                || servers.indices.contains { servers[$0].address == upstream.address && isResting($0) }
        }
        return areFresh && scheduler.summary.usable == servers.count && scheduler.summary.slotsIdle == slots
    }

    private mutating func makeWhole() throws(Violation) {
        trace.note("the faults stop")
        profile.delay = min(profile.delay, .milliseconds(20))
        let formerlyDrained = drained.sorted { $0.host < $1.host }
        drained = []
        for address in formerlyDrained { try carryOut(scheduler.undrain(address, at: now)) }
        for server in servers.indices {
            if hanging.contains(server) || still[server] != nil { wake(server) }
            servers[server].life = .up
            servers[server].foreign = 0
            servers[server].ghosts = 0
            let hasAgent = agents.contains { $0.isAlive && $0.server == server && !$0.isToldToStop }
            if !hasAgent { startAgent(for: server) }
        }
    }

    private mutating func useAll() throws(Violation) {
        let idle = scheduler.summary.slotsIdle
        profile.crowd = .max
        profile.work = .milliseconds(100)
        for _ in 0..<idle { try submit() }
        guard scheduler.summary.slotsIdle == 0, scheduler.leasedCount == idle else {
            throw Violation(.recovery, "of \(idle) idle slots, \(scheduler.leasedCount) are used")
        }
        try pass(.seconds(5))
        guard isAtRest else { throw Violation(.everythingEnds, "requests to a whole fleet don't end") }
    }

    private mutating func leaveNothing() throws(Violation) {
        for agent in agents.indices { try stopAgent(agent) }
        try pass(.seconds(5))
        guard !agents.contains(where: \.isAlive) else {
            throw Violation(.farewell, "agents don't leave although nothing runs")
        }
        // Those who left without a word fall silent and are forgotten.
        try pass(.seconds(200))
        guard scheduler.isEmpty else {
            throw Violation(.nothingIsLeft, "something is left: \(scheduler.snapshot(at: now))")
        }
    }
}
