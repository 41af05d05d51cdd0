import AgentProtocol
import AgentReception
import AgentRules
import LlamaServer
import Scheduling
import SeededRandom

/// Several balancers over the same agents and servers, under one clock.
///
/// What decides is the product's: `Scheduler`, `SharedLeases`, `UplinkWords`, `AgentConversation`, `UnsaidWords`, and the
/// protocol's lines between them. What is simulated is what surrounds them: time, connections, servers and clients.
struct BalancerWorld {
    let profile: BalancerProfile
    var random: SplitMix64
    var trace: Trace
    var now = Instant(nanoseconds: 100_000_000_000)
    var events = EventQueue<BalancerEvent>()

    var balancers: [BalancerProcess] = []
    var servers: [SharedServer] = []
    /// One for each server, nil while there is none.
    var agents: [SharedAgent?] = []
    var connections: [SharedConnection] = []
    var requests: [Int: SharedRequest] = [:]
    var lastRequest = 0
    var lastAgent = 0
    var load: BalancerLoad?
    var tally = SimulationTally()

    init(_ profile: BalancerProfile, _ random: SplitMix64, trace: Trace) {
        self.profile = profile
        self.random = random
        self.trace = trace
        for _ in 0..<profile.balancers {
            balancers.append(
                BalancerProcess(scheduler: Scheduler(configuration: profile.configuration), promptSeed: newSeed())
            )
        }
        for (number, slots) in profile.servers.enumerated() {
            servers.append(SharedServer(total: slots, changedAt: now))
            agents.append(nil)
            events.add(.agentStarts(server: number), at: now)
        }
    }

    static func address(of server: Int) -> NetworkAddress {
        NetworkAddress(host: "10.0.0.\(server + 1)", port: 8080)
    }

    static func server(at address: NetworkAddress) -> Int {
        (Int(address.host.split(separator: ".").last ?? "") ?? 0) - 1
    }

    // MARK: - Time

    mutating func plan(_ event: BalancerEvent, in time: Duration) {
        events.add(event, at: now + time)
    }

    /// Up to this, by chance.
    mutating func some(_ limit: Duration) -> Duration {
        .microseconds(random.below(Int(limit.nanoseconds / 1000) + 1))
    }

    /// - Returns: false when nothing happens until then.
    mutating func next(until end: Instant) throws(Violation) -> Bool {
        guard let time = events.nextTime, time <= end, let event = events.removeFirst() else {
            now = max(now, end)
            trace.now = now
            return false
        }
        now = max(now, time)
        trace.now = now
        try handle(event)
        return true
    }

    private mutating func handle(_ event: BalancerEvent) throws(Violation) {
        switch event {
        case .connects(let server, let balancer): connect(server, to: balancer)
        case .bytesToBalancer(let number, let bytes):
            connections[number].inFlight -= 1
            try balancerReceives(bytes, on: number)
        case .bytesToAgent(let number, let bytes):
            connections[number].inFlight -= 1
            try agentReceives(bytes, on: number)
        case .endsForBalancer(let number):
            connections[number].inFlight -= 1
            endsForBalancer(number)
        case .endsForAgent(let number):
            connections[number].inFlight -= 1
            endsForAgent(number)
        case .looks(let server): look(server)
        case .seen(let server, let processing, let since): seen(processing, since: since, of: server)
        case .beats(let server): beat(server)
        case .turns(let server): turn(server)
        case .returns(let balancer): balancers[balancer].isAlive = true
        case .agentStarts(let server): startAgent(of: server)
        case .tick(let balancer, let life): tick(balancer, life)
        case .nextArrives: nextArrives()
        case .comes(let number): comes(number)
        case .isDone(let number): isDone(number)
        case .strangerLeaves(let server):
            servers[server].strangers -= 1
            freed(server)
        }
    }

    private mutating func tick(_ balancer: Int, _ life: Int) {
        guard balancers[balancer].life == life, balancers[balancer].timer.map({ $0 <= now }) == true else { return }
        balancers[balancer].timer = nil
        decide(balancer) { $0.tick(at: $1) }
    }

    mutating func setTimer(_ balancer: Int) {
        guard let next = balancers[balancer].scheduler.nextTick,
            balancers[balancer].timer.map({ next < $0 }) ?? true
        else { return }
        let time = max(next, now)
        balancers[balancer].timer = time
        events.add(.tick(balancer: balancer, life: balancers[balancer].life), at: time)
    }
}
