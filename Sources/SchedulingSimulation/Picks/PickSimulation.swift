import PickRules
import ProxyExchange
import Scheduling
import SeededRandom

/// Envoys that ask where their requests go.
///
/// What decides is the product's: `PickConversation` and `AwaitedAgain`, with `Exchange` before the `Scheduler`. What is simulated is what
/// surrounds them: clients, Envoys that carry requests and send them again, Gateways, servers, the streams and connections
/// between them, and everything that goes wrong with these.
struct PickSimulation: Simulated {
    private let schedule: Schedule
    var random: SplitMix64
    var trace: Trace
    var now = Instant(nanoseconds: 1_000_000_000_000)
    let profile: PickProfile
    var servers: [PickedServer]
    /// By number, how it is configured.
    let envoys: [EnvoyKind]
    var connections: [EnvoyConnection] = []
    var clients: [EnvoyClient] = []
    /// Streams of which one end is open, or something is on its way.
    var attempts: [EnvoyAttempt] = []
    var lastClient = 0

    // MARK: - The balancer

    var phase = Phase.accepting
    var scheduler: Scheduler
    var requests: [PickedRequest] = []
    /// By event loop.
    var awaited: [AwaitedAgain<PickedRequest>] = PickSimulation.noneAwaited
    var begun: [Begun] = []
    /// What the scheduler has decided, and has yet to come to the request's event loop.
    var deferred: [Decision] = []
    var lastRequest: UInt64 = 0
    /// Of balancers that have gone.
    var tally = SimulationTally()
    /// Set at the end: nothing goes wrong any more.
    var isCalm = false

    enum Phase {
        case accepting
        /// It stops: who comes is sent away.
        case finishing
        /// Nobody waits any more.
        case closed
        case gone
    }

    /// What was begun for an attempt, and has yet to come to something.
    enum Begun {
        case lifeCheck(PickedRequest, Target, Exchange.Attempt)
        case pause(PickedRequest, Exchange.Attempt)
    }

    static var noneAwaited: [AwaitedAgain<PickedRequest>] { [AwaitedAgain(), AwaitedAgain()] }

    init(_ schedule: Schedule, trace: Trace) {
        self.schedule = schedule
        self.trace = trace
        var random = schedule.random(of: Schedule.beginning)
        profile = PickProfile(&random)
        scheduler = Scheduler(configuration: profile.configuration)
        servers = profile.servers
        envoys = (0..<1 + random.below(3)).map { _ in random.pick(EnvoyKind.allCases) }
        self.random = random
    }

    mutating func run() throws(Violation) -> SimulationTally {
        for server in servers.indices { report(server) }
        for step in schedule.steps {
            trace.step = step
            random = schedule.random(of: step)
            pass(.microseconds(random.pick([1, 100, 10_000, 100_000])))
            try happen()
            try carryOutDeferred()
            try check()
        }
        random = schedule.random(of: Schedule.end)
        try finish()
        tally += SimulationTally(schedules: 0, steps: 0, scheduler.snapshot(at: now).counters)
        var whole = SimulationTally(steps: schedule.steps.count, SchedulerCounters())
        whole += tally
        return whole
    }

    mutating func pass(_ time: Duration) {
        now = now + time
        trace.now = now
    }

    private mutating func happen() throws(Violation) {
        switch random.below(32) {
        case 0...3: ask()
        case 4...10: try deliverToBalancer()
        case 11...17: try deliverToEnvoy()
        case 18...22: try serverActs()
        case 23: try settle()
        case 24...25: sendAgain()
        case 26: try leave()
        case 27: try giveUpWaiting()
        case 28...29: try changeServer()
        case 30: try changeConnection()
        default:
            try letTimePass()
            try changeBalancer()
        }
    }

    /// Everything that is wrong is over, and everything comes to its end.
    private mutating func finish() throws(Violation) {
        isCalm = true
        if phase != .accepting { try returnAnew() }
        for server in servers.indices { servers[server].life = .up }
        var rounds = 0
        while !isAtRest {
            rounds += 1
            guard rounds < 20_000 else {
                let left = clients.filter { !$0.hasEnded }.map(\.number)
                throw Violation(
                    .everythingEnds,
                    "\(left) never end, \(requests.count) are held, \(scheduler.leasedCount) are leased"
                )
            }
            pass(.milliseconds(20))
            for connection in connections where connection.isCut {
                try noticeAtBalancer(connection)
                noticeAtEnvoy(connection)
            }
            for _ in attempts {
                try deliverToBalancer()
                try deliverToEnvoy()
            }
            for _ in servers { try serverActs() }
            try settle()
            sendAgain()
            if rounds % 10 == 0 { try letTimePass() }
            try carryOutDeferred()
            try check()
        }
        // Whoever was ejected comes back.
        for _ in 0..<60 {
            pass(.seconds(1))
            try letTimePass()
            try carryOutDeferred()
        }
        try checkRest()
    }

    private var isAtRest: Bool {
        clients.allSatisfy(\.hasEnded) && requests.isEmpty && attempts.isEmpty && scheduler.coolingCount == 0
            && scheduler.leasedCount == 0 && begun.isEmpty && servers.allSatisfy(\.running.isEmpty)
    }
}
