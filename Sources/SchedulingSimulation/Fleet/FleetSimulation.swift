import AgentProtocol
import AgentReception
import AgentRules
import LlamaServer
import Scheduling
import SeededRandom

/// Agents, their connections, a balancer's scheduler, llama-servers and clients under one clock.
///
/// What decides is the product's: `LlamaServerWatch`, `UplinkWords`, `AgentState` and `Backoff` in the agents, the
/// protocol's lines between them, `AgentConversation`, `SpeakingConnections` and `UnsaidWords` before the `Scheduler`. What
/// is simulated is what surrounds them: time, sockets, servers, clients, and everything that goes wrong with these.
struct FleetSimulation: Simulated {
    private let schedule: Schedule
    /// Those of the present step, and of what happens until it.
    var random: SplitMix64
    var profile: FleetProfile
    var trace: Trace
    var now = Instant(nanoseconds: 100_000_000_000)
    var events = EventQueue<FleetEvent>()

    var scheduler: Scheduler
    var registry = SpeakingConnections()
    /// Whose connection is told what the scheduler has to say to an agent.
    var speakers: [AgentID: Int] = [:]
    /// When the scheduler's timer fires.
    var timer: Instant?

    var servers: [SimulatedServer] = []
    /// How often each server has been stopped.
    var lives: [Int] = []
    var hanging: Set<Int> = []
    var still: [Int: StillServer] = [:]
    /// When each server stood still or hung last.
    var standings: [Standing] = []
    /// Since when there has been nothing about a server, its agents and their connections that keeps them from finding out.
    var quietSince: [Instant] = []
    /// When something was last sent to a server whose agent rested: only from then on can it see what goes on there.
    var wokenSince: [Instant] = []
    var agents: [AgentProcess] = []
    var connections: [SimulatedConnection] = []
    /// In the order of their arrival.
    var requests: [FleetRequest] = []
    var lastRequest: UInt64 = 0
    var drained: Set<NetworkAddress> = []
    var dispatchedNow: [(request: RequestID, server: Int)] = []

    init(_ schedule: Schedule, trace: Trace) {
        self.schedule = schedule
        self.trace = trace
        random = schedule.random(of: Schedule.beginning)
        profile = FleetProfile(&random)
        scheduler = Scheduler(configuration: profile.configuration)
        for number in 0..<profile.servers {
            let address = NetworkAddress(host: "10.0.0.\(number + 1)", port: 8080)
            servers.append(SimulatedServer(address: address, total: 1 + random.below(4)))
            lives.append(0)
            standings.append(Standing())
            quietSince.append(now)
            wokenSince.append(now)
        }
    }

    mutating func run() throws(Violation) -> SimulationTally {
        for step in schedule.steps {
            trace.step = step
            random = schedule.random(of: step)
            try pass(some(profile.pause * 2))
            if step <= servers.count {
                startAgent(for: step - 1)
            } else {
                try happen()
            }
            try check()
        }
        random = schedule.random(of: Schedule.end)
        try finish()
        return SimulationTally(steps: schedule.steps.count, scheduler.snapshot(at: now).counters)
    }

    // MARK: - Time

    /// Lets happen what happens in this time.
    mutating func pass(_ time: Duration) throws(Violation) {
        let end = now + time
        setTimer()
        while let next = events.nextTime, next <= end, let event = events.removeFirst() {
            now = max(now, next)
            trace.now = now
            try handle(event)
            setTimer()
            try check()
        }
        now = end
        trace.now = now
    }

    mutating func plan(_ event: FleetEvent, in time: Duration) {
        events.add(event, at: now + time)
    }

    /// Up to this, by chance.
    mutating func some(_ limit: Duration) -> Duration {
        // Whole microseconds: there are two billion choices.
        .microseconds(random.below(Int(limit.nanoseconds / 1000) + 1))
    }

    private mutating func setTimer() {
        guard let next = scheduler.nextTick, timer.map({ next < $0 }) ?? true else { return }
        timer = next
        // The shell's timer is late now and then, and never early.
        let late: Duration = random.chance(80) ? .zero : some(.milliseconds(10))
        events.add(.tick, at: max(now, next) + late)
    }

    private mutating func tick() throws(Violation) {
        timer = nil
        try carryOut(scheduler.tick(at: now))
        if let next = scheduler.nextTick, next <= now { throw Violation(.ticks, "a tick left something that was due") }
        guard profile.isCalm else { return }
        for upstream in scheduler.snapshot(at: now).upstreams where upstream.isSilent {
            throw Violation(.heartbeats, "the agent of \(upstream.address) is taken for silent")
        }
    }

    private mutating func handle(_ event: FleetEvent) throws(Violation) {
        switch event {
        case .agentTimer(let agent), .probeAnswered(let agent, _, _), .heartbeat(let agent, _), .reconnect(let agent),
            .toldToStop(let agent), .farewellLimit(let agent):
            try happens(event, to: agent)
        case .endsForAgent(let connection), .agentGivesUp(let connection), .bytesToAgent(let connection, _):
            try happens(event, to: connections[connection].agent)
        case .probeArrives(let agent, let probe): answer(probe, of: agent)
        case .opens(let connection): open(connection)
        case .bytesToBalancer(let connection, let bytes): try balancerReceives(bytes, on: connection)
        case .endsForBalancer(let connection): try closeForBalancer(connection)
        case .balancerLooksForSilence(let connection): try closeIfSilent(connection)
        case .requestArrives(let id, let attempt): try arrives(id, attempt)
        case .answerBegins(let id, let attempt): begins(id, attempt)
        case .answerEnds(let id, let attempt): try ends(id, attempt)
        case .breaksOff(let id, let attempt): try breaksOff(id, attempt)
        case .ghostEnds(let server, let life):
            guard still[server] == nil else { return plan(event, in: .seconds(1)) }
            if lives[server] == life, servers[server].ghosts > 0 { servers[server].ghosts -= 1 }
        case .tick: try tick()
        }
    }
}

extension Duration {
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
