import LlamaServer
import ProxyExchange
import Scheduling
import SeededRandom

/// Requests and responses on their way between clients and servers, byte by byte.
///
/// What decides is the product's: `ClientLink`, `Exchange`, `UpstreamLink` and `ResponseRelay`, before the `Scheduler`. What is simulated is
/// what surrounds them: sockets that take and bring as little as they like, servers, clients, and everything that goes wrong
/// with these.
struct ExchangeSimulation: Simulated {
    private let schedule: Schedule
    var random: SplitMix64
    var trace: Trace
    var scheduler: Scheduler
    var now = Instant(nanoseconds: 1_000_000_000_000)
    var servers: [SimulatedLlamaServer]
    var sockets: [SimulatedUpstreamSocket] = []
    /// Those that wait for a request, the one used last at the end.
    var idle: [SimulatedUpstreamSocket] = []
    /// Of clients, that have not ended.
    var connections: [SimulatedClientConnection] = []
    /// Those whose request has begun.
    var clients: [SimulatedClient] = []
    var begun: [Begun] = []
    /// In percent, of what goes wrong.
    let faults: Int
    let limits: Exchange.Limits
    let maximumAttempts: Int
    /// What the scheduler has decided, and nobody has done yet.
    var deferred: [Decision] = []
    /// Set at the end: nothing goes wrong any more.
    var isCalm = false
    var lastRequest = 0
    var responses = 0

    /// What was begun for an attempt, and has yet to come to something.
    enum Begun {
        case connection(SimulatedClient, Target, Exchange.Attempt)
        case lifeCheck(SimulatedClient, Target, Exchange.Attempt)
        case pause(SimulatedClient, Exchange.Attempt)
    }

    init(_ schedule: Schedule, trace: Trace) {
        self.schedule = schedule
        self.trace = trace
        var random = schedule.random(of: Schedule.beginning)
        faults = random.pick([0, 2, 5, 15])
        maximumAttempts = random.pick([1, 2, 3])
        limits = Exchange.Limits(attemptsAfterSend: random.pick([1, 2, 3]), connect: .seconds(2))
        var configuration = Scheduler.Configuration()
        configuration.maximumAttempts = maximumAttempts
        configuration.queueTimeout = random.pick([.seconds(1), .seconds(60)])
        configuration.coolingLimit = .seconds(10)
        scheduler = Scheduler(configuration: configuration)
        servers = (0..<random.pick([1, 2, 3])).map { number in
            SimulatedLlamaServer(
                address: NetworkAddress(host: "10.0.0.\(number + 1)", port: 8080),
                slots: random.pick([1, 1, 2, 4])
            )
        }
        self.random = random
    }

    mutating func run() throws(Violation) -> SimulationTally {
        for server in servers.indices { report(server) }
        for step in schedule.steps {
            trace.step = step
            random = schedule.random(of: step)
            now = now + .microseconds(random.pick([1, 100, 10_000, 500_000]))
            trace.now = now
            try happen()
            try carryOutDeferred()
            connections.removeAll { $0.hasEnded }
            if random.chance(70) { flush() }
        }
        random = schedule.random(of: Schedule.end)
        try finish()
        return SimulationTally(steps: schedule.steps.count, scheduler.snapshot(at: now).counters)
    }

    private mutating func happen() throws(Violation) {
        switch random.below(24) {
        case 0...2: ask()
        case 20...23: try readSomeClient()
        case 3...5: try settleSomething()
        case 6...8: readSomeRequest()
        case 9...11: sendSomeResponse()
        case 12...15: try receiveSomething()
        case 16: try someClientActs()
        case 17: try keepSomeoneAlive()
        case 18: try letTimePass()
        default: try changeSomeServer()
        }
    }

    /// Everything that is wrong is over, and everything comes to its end.
    private mutating func finish() throws(Violation) {
        isCalm = true
        for server in servers.indices where servers[server].life != .up {
            servers[server].life = .up
            servers[server].lives += 1
        }
        for connection in connections where !connection.isWritable { try turn(connection) }
        var rounds = 0
        while isBusy {
            rounds += 1
            guard rounds < 20_000 else {
                let waiting =
                    clients.filter { $0.end == nil }.map(\.number) + connections.flatMap(\.asks).map(\.client.number)
                throw Violation(
                    .everythingEnds,
                    "\(waiting) never end, \(scheduler.leasedCount) are leased, \(scheduler.coolingCount) cool"
                )
            }
            now = now + .milliseconds(20)
            trace.now = now
            for _ in connections.indices { try readSomeClient() }
            connections.removeAll { $0.hasEnded }
            try settleSomething()
            readSomeRequest()
            sendSomeResponse()
            for _ in sockets.indices { try receiveSomething() }
            if rounds % 10 == 0 { try letTimePass() }
            flush()
        }
    }

    private var isBusy: Bool {
        clients.contains { $0.end == nil } || connections.contains { !$0.asks.isEmpty || $0.hasShut }
            || scheduler.leasedCount > 0 || scheduler.coolingCount > 0
    }
}
