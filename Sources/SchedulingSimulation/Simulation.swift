import LlamaServer
import Scheduling

/// One schedule of random events against a scheduler and a model of the world around it.
///
/// The same seed gives the same schedule, everywhere. After each step, everything that must hold is checked.
public struct Simulation {
    var random: SplitMix64
    let profile: Profile
    var scheduler: Scheduler
    var servers: [SimulatedServer]
    var agents: [SimulatedAgent] = []
    var mail: [Mail] = []
    /// By server.
    var hearsay: [Hearsay] = []
    var lastTick = Instant(nanoseconds: 0)
    /// In the order of their arrival; a request's number is its `RequestID`.
    var requests: [ExpectedRequest] = []
    var now = Instant(nanoseconds: 1_000_000_000)

    var lastRequest: UInt64 = 0
    var lastAgent = 0
    var phase = Phase.accepting
    /// In the order in which they were drained.
    var drained: [NetworkAddress] = []
    /// Agents that have ever said that they are about to stop.
    var leaving: Set<AgentID> = []
    /// Some that have been used up: trying them again must do nothing.
    var oldLeases: [Lease] = []
    var oldTickets: [QueueTicket] = []
    /// Who got what in the call that is being checked.
    var dispatchedNow: [(request: RequestID, server: Int)] = []
    /// When the slots whose client has left must count as idle again, whatever samples show.
    var coolingEnds: [Instant] = []
    var mostRequests = 0
    var trace: Trace

    enum Phase {
        case accepting
        case finishing
        case closed
    }

    /// Runs a schedule.
    /// - Parameter steps: random events before the faults stop and everything has to come to its end.
    /// - Throws: what didn't hold, with the last events.
    public static func run(seed: UInt64, steps: Int) throws(SimulationFailure) -> SimulationTally {
        var simulation = Simulation(seed: seed, isTraced: false)
        do {
            return try simulation.run(steps: steps)
        } catch {
            // Words cost more than the schedule itself, so they are made in a second run.
            var again = Simulation(seed: seed, isTraced: true)
            let violations: [String]
            do {
                _ = try again.run(steps: steps)
                violations = error.texts + ["a second run of the same seed found nothing: it isn't deterministic"]
            } catch {
                violations = error.texts
            }
            throw SimulationFailure(
                seed: seed,
                step: simulation.trace.step,
                violations: violations,
                events: again.trace.lastEvents
            )
        }
    }

    private init(seed: UInt64, isTraced: Bool) {
        random = SplitMix64(seed: seed)
        profile = Profile(&random)
        scheduler = Scheduler(configuration: profile.configuration)
        trace = Trace(isOn: isTraced)
        servers = []
        for number in 0..<1 + random.below(5) {
            let address = NetworkAddress(host: "10.0.0.\(number + 1)", port: 8080)
            hearsay.append(Hearsay())
            servers.append(SimulatedServer(address: address, total: 1 + random.below(4)))
        }
    }

    private mutating func run(steps: Int) throws(Violation) -> SimulationTally {
        if random.chance(80) {
            for _ in servers { try connectAgent() }
        }
        for _ in 0..<steps {
            trace.step += 1
            letTimePass()
            try happen()
            try check()
        }
        try finish()
        return SimulationTally(steps: steps, scheduler.snapshot(at: now).counters)
    }

    private mutating func letTimePass() {
        let pause =
            random.chance(profile.pauses)
            ? random.pick([200_000_000, 1_000_000_000, 3_000_000_000, 40_000_000_000])
            : random.pick([0, 1000, 1_000_000, 10_000_000])
        now.nanoseconds += Int64(random.below(pause + 1))
        trace.now = now
    }

    /// The time as one thread of the shell knows it: not quite the same as the others'.
    mutating func someNow() -> Instant {
        random.chance(95) ? now : now - .milliseconds(1)
    }
}
