import LlamaServer
import Scheduling
import SeededRandom

/// One schedule of random events against a scheduler and a model of the world around it.
///
/// The same seed gives the same schedule, everywhere. After each step, everything that must hold is checked.
struct Simulation: Simulated {
    private let schedule: Schedule
    /// Those of the present step.
    var random: SplitMix64
    let profile: Profile
    var scheduler: Scheduler
    var servers: [SimulatedServer]
    var agents: [SimulatedAgent] = []
    var mail: [Mail] = []
    /// By server.
    var hearsay: [Hearsay] = []
    /// By server.
    var records: [UpstreamRecord] = []
    var lastTick = Instant(nanoseconds: 0)
    /// In the order of their arrival; a request's number is its `RequestID`.
    var requests: [ExpectedRequest] = []
    var now = Instant(nanoseconds: 1_000_000_000)
    /// The latest time that the scheduler has been told: it knows no earlier one.
    var clock = Instant(nanoseconds: .min)

    /// Requests that need no slot and wait for a server, with the time at which they were handed in.
    var slotless: [RequestID: Instant] = [:]

    var lastRequest: UInt64 = 0
    var lastSlotless: UInt64 = 0
    var lastAgent = 0
    var phase = Phase.accepting
    /// In the order in which they were drained.
    var drained: [NetworkAddress] = []
    /// Agents that have ever said that they are about to stop.
    var leaving: Set<AgentID> = []
    /// Of those: agents that were told that nothing runs on their upstream.
    var told: Set<AgentID> = []
    /// Some that have been used up: trying them again must do nothing.
    var oldLeases: [Lease] = []
    var oldTickets: [QueueTicket] = []
    /// Who got what in the call that is being checked.
    var dispatchedNow: [(request: RequestID, server: Int, slots: Int, wasPassedOver: Bool)] = []
    /// The first blocks of the prompts that requests have ever left, by server.
    var prompts: [Set<UInt64>] = []
    /// When the slots whose client has left must count as idle again, whatever samples show.
    var coolingEnds: [Instant] = []
    /// How many slots of a request cool still.
    var cooling: [RequestID: Int] = [:]
    /// When one of a class got a slot that had waited for it, or the first of it began to wait.
    var servedClasses: [UInt8: Instant] = [:]
    var mostRequests = 0
    var trace: Trace

    enum Phase {
        case accepting
        case finishing
        case closed
    }

    init(_ schedule: Schedule, trace: Trace) {
        self.schedule = schedule
        random = schedule.random(of: Schedule.beginning)
        profile = Profile(&random)
        scheduler = Scheduler(configuration: profile.configuration)
        scheduler.setModelRules(profile.rules, at: Instant(nanoseconds: 0))
        self.trace = trace
        servers = []
        for number in 0..<1 + random.below(5) {
            let address = NetworkAddress(host: "10.0.0.\(number + 1)", port: 8080)
            hearsay.append(Hearsay())
            records.append(UpstreamRecord())
            var server = SimulatedServer(address: address, total: 1 + random.below(4))
            server.models = profile.modelNames(&random)
            server.role = profile.role(&random)
            server.context = profile.context(&random)
            server.weight = profile.weight(&random)
            servers.append(server)
        }
    }

    mutating func run() throws(Violation) -> SimulationTally {
        let beginsWithAgents = random.chance(80)
        for step in schedule.steps {
            trace.step = step
            random = schedule.random(of: step)
            letTimePass()
            if beginsWithAgents, step <= servers.count {
                try connectAgent()
            } else {
                try happen()
            }
            try check()
        }
        random = schedule.random(of: Schedule.end)
        try finish()
        return SimulationTally(steps: schedule.steps.count, scheduler.snapshot(at: now).counters)
    }

    private mutating func letTimePass() {
        defer { trace.now = now }
        // What is due is due to the nanosecond, and the shell's timer may be as exact.
        if random.chance(5), let next = scheduler.nextTick, next - now < .seconds(60) {
            now = max(now, next)
            return
        }
        let pause =
            random.chance(profile.pauses)
            ? random.pick([200_000_000, 1_000_000_000, 3_000_000_000, 40_000_000_000])
            : random.pick([0, 1000, 1_000_000, 10_000_000])
        now.nanoseconds += Int64(random.below(pause + 1))
    }

    /// The time as one thread of the shell knows it: not quite the same as the others'.
    mutating func someNow() -> Instant {
        tell(random.chance(95) ? now : now - .milliseconds(1))
    }

    mutating func exactNow() -> Instant {
        tell(now)
    }

    private mutating func tell(_ time: Instant) -> Instant {
        clock = max(clock, time)
        return time
    }
}
