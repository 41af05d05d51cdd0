import LlamaServer
import ProxyExchange
import Scheduling
import SeededRandom

/// Requests and responses on their way between clients and servers, byte by byte.
///
/// What decides is the product's: `Exchange`, `UpstreamLink` and `ResponseRelay`, before the `Scheduler`. What is simulated is
/// what surrounds them: sockets that take and bring as little as they like, servers, clients, and everything that goes wrong
/// with these. In `+Proxy` stands what the proxy's connections do by the word of these values.
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
    private var lastRequest = 0
    private(set) var responses = 0

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
            if random.chance(70) { flush() }
        }
        random = schedule.random(of: Schedule.end)
        try finish()
        return SimulationTally(steps: schedule.steps.count, scheduler.snapshot(at: now).counters)
    }

    private mutating func happen() throws(Violation) {
        switch random.below(20) {
        case 0...2: try submit()
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
        for client in clients { client.isWritable = true }
        var rounds = 0
        while clients.contains(where: { $0.end == nil }) || scheduler.leasedCount > 0 || scheduler.coolingCount > 0 {
            rounds += 1
            guard rounds < 20_000 else {
                let waiting = clients.filter { $0.end == nil }.map(\.number)
                throw Violation(
                    .everythingEnds,
                    "\(waiting) never end, \(scheduler.leasedCount) are leased, \(scheduler.coolingCount) cool"
                )
            }
            now = now + .milliseconds(20)
            trace.now = now
            try settleSomething()
            readSomeRequest()
            sendSomeResponse()
            for _ in sockets.indices { try receiveSomething() }
            if rounds % 10 == 0 { try letTimePass() }
            flush()
        }
    }

    // MARK: - Clients

    private mutating func submit() throws(Violation) {
        guard clients.count(where: { $0.end == nil }) < 12 else { return }
        clients.removeAll { $0.end != nil }
        lastRequest += 1
        let isSlotless = random.chance(15)
        let dialect: Dialect? = isSlotless ? nil : random.pick(Dialect.allCases)
        let request = RequestID(rawValue: UInt64(lastRequest))
        let exchange = Exchange(request, isSlotless: isSlotless, isIdempotent: random.chance(50), limits)
        let client = SimulatedClient(
            lastRequest,
            exchange,
            dialect: dialect,
            knowsChunks: random.chance(85),
            isPoison: random.chance(faults / 3),
            goesOn: random.chance(10)
        )
        clients.append(client)
        trace.note("\(lastRequest) comes\(isSlotless ? ", without a slot" : "")\(client.isPoison ? ", as poison" : "")")
        if isSlotless {
            try handInSlotless(client, avoiding: nil)
        } else {
            try carryOut(client.exchange.submitted(scheduler.submit(request, at: now)), for: client)
        }
    }

    private mutating func someClientActs() throws(Violation) {
        guard let client = clients.filter({ $0.end == nil }).randomElement(using: &random) else { return }
        if random.chance(5), case .awaitingResponse = client.exchange.state {
            trace.note("\(client.number) has waited long enough")
            return try answerHere(client, after: .timedOut)
        }
        guard random.chance(30) else {
            client.isWritable.toggle()
            trace.note("\(client.number) \(client.isWritable ? "reads again" : "stops reading")")
            return
        }
        try leave(client)
    }

    // MARK: - Servers

    private mutating func changeSomeServer() throws(Violation) {
        let server = random.below(servers.count)
        switch servers[server].life {
        case .up:
            guard random.chance(faults) else { break }
            if random.chance(30) { servers[server].life = .loading } else { die(server) }
        case .loading:
            servers[server].life = .up
            servers[server].lives += 1
        case .dead: servers[server].life = .loading
        }
        report(server)
        // As llama-server, after some seconds.
        guard random.chance(20) else { return }
        if let socket = idle.randomElement(using: &random) { socket.close = .clean }
        // A server that says why it closes, just when a request is about to be sent.
        if let socket = sockets.first(where: { !$0.isFlushed && $0.close == nil }) { try receiveUnasked(on: socket) }
    }

    mutating func die(_ server: Int) {
        servers[server].life = .dead
        trace.note("\(server) dies")
        for socket in sockets where socket.server == server && socket.close == nil {
            breakOff(socket)
            // A reset overtakes what had been sent.
            guard socket.close == .reset, random.chance(50) else { continue }
            socket.onItsWay = Array(socket.onItsWay.prefix(random.below(socket.onItsWay.count + 1)))
        }
    }

    private mutating func breakOff(_ socket: SimulatedUpstreamSocket) {
        // Where the end of the connection is that of the response, nobody can tell an early one, unless it is a reset.
        servers[socket.server].breaks += 1
        let isTold = socket.response?.end != .ofConnection
        socket.close = isTold && random.chance(50) ? .clean : .reset
        socket.unsent = []
    }

    /// What its agent says of it, as it is.
    mutating func report(_ server: Int) {
        let running = sockets.count { $0.server == server && $0.response != nil && $0.close == nil }
        let isReady = servers[server].life == .up
        let report = UpstreamReport(
            agent: AgentID(rawValue: "a\(server)"),
            route: UpstreamRoute(address: servers[server].address),
            condition: isReady ? .ready : servers[server].life == .loading ? .loading : .down("gone"),
            slots: isReady
                ? SlotSample(
                    total: servers[server].slots,
                    processing: min(running, servers[server].slots),
                    taken: now...now
                )
                : nil,
            maximumSilence: .seconds(1_000_000)
        )
        reported(report)
    }

    private mutating func readSomeRequest() {
        guard let socket = sockets.filter({ isRead($0) }).randomElement(using: &random), var request = socket.request
        else { return }
        request.read = isCalm ? request.length : min(request.length, request.read + random.below(request.length + 1))
        socket.request = request
        guard request.read == request.length else { return }
        socket.request = nil
        execute(request.number, on: socket)
    }

    private func isRead(_ socket: SimulatedUpstreamSocket) -> Bool {
        socket.isFlushed && socket.request != nil && socket.close == nil && servers[socket.server].life != .dead
    }

    private mutating func execute(_ number: Int, on socket: SimulatedUpstreamSocket) {
        let client = clients.first { $0.number == number }
        let life = servers[socket.server].life
        if life == .loading || !isCalm && random.chance(faults) {
            let response = SimulatedLlamaServer.unavailable(isLoading: life == .loading)
            client?.responses.append(response)
            return respond(response, on: socket)
        }
        client?.executions.append(socket.server)
        if client?.isPoison == true, !isCalm {
            trace.note("\(number) ends \(socket.server)")
            if client?.isOnFaultlessServer == true { client?.ended = (socket.server, servers[socket.server].lives) }
            return die(socket.server)
        }
        let response = SimulatedLlamaServer.response(to: number, number: responses, &random)
        responses += 1
        client?.responses.append(response)
        respond(response, on: socket)
    }

    private func respond(_ response: SimulatedResponse, on socket: SimulatedUpstreamSocket) {
        socket.response = response
        socket.unsent = response.bytes[...]
    }

    private mutating func sendSomeResponse() {
        // A connection that brings no more requests is of no use.
        for socket in sockets
        where socket.isShut && socket.response == nil && socket.request == nil && socket.close == nil {
            socket.close = .clean
        }
        let sending = sockets.filter { $0.response != nil && $0.close == nil && !$0.isClosed }
        guard let socket = sending.randomElement(using: &random), let response = socket.response else { return }
        // llama-server looks now and then whether its client is still there.
        if socket.isShut, random.chance(50) {
            socket.close = .clean
            return
        }
        if !isCalm, random.chance(faults) {
            trace.note("\(socket.server) breaks off")
            return breakOff(socket)
        }
        let count = isCalm ? socket.unsent.count : random.below(socket.unsent.count + 1)
        socket.onItsWay += socket.unsent.prefix(count)
        socket.unsent = socket.unsent.dropFirst(count)
        guard socket.unsent.isEmpty else { return }
        socket.response = nil
        if response.end == .ofConnection { socket.close = .clean }
    }
}
