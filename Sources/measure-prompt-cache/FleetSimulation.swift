/// Conversations over a fleet, in simulated time.
struct FleetSimulation {
    private enum Event {
        case turn(conversation: Int)
        /// Of a server, if nothing has happened to it since.
        case change(server: Int, version: Int)
    }

    private let workload: Workload
    private var servers: [CachingServer]
    private var versions: [Int]
    private var balancing: any Balancing
    private var events = EventQueue<Event>()
    private var requests: [SimulatedRequest] = []
    /// Of each conversation.
    private var said: [Prompt]
    private var turn: [Int]
    /// Of each conversation those of its branches that aren't over.
    private var branches: [Int]
    private var parents: [Int?]

    static func run(_ workload: Workload, on machines: [Machine], by balancing: any Balancing) -> Outcome {
        var simulation = FleetSimulation(workload, machines, balancing)
        simulation.run()
        return Outcome(simulation.requests, simulation.servers)
    }

    private init(_ workload: Workload, _ machines: [Machine], _ balancing: any Balancing) {
        self.workload = workload
        self.balancing = balancing
        servers = machines.map(CachingServer.init)
        versions = Array(repeating: 0, count: machines.count)
        said = workload.conversations.map(\.beginning)
        turn = Array(repeating: 0, count: said.count)
        branches = turn
        parents = Array(repeating: nil, count: said.count)
        for (number, conversation) in workload.conversations.enumerated() {
            if let start = conversation.start { events.add(.turn(conversation: number), at: start) }
            for branch in conversation.turns.flatMap(\.branches) { parents[branch] = number }
        }
    }

    private mutating func run() {
        while true {
            let due = balancing.nextDue
            if let due, due <= events.nextTime ?? .infinity {
                send(balancing.passed(servers, at: due), at: due)
            } else if let (event, time) = events.next() {
                happen(event, at: time)
            } else {
                return
            }
        }
    }

    private mutating func happen(_ event: Event, at time: Double) {
        switch event {
        case .turn(let conversation): ask(conversation, at: time)
        case .change(let server, let version):
            guard versions[server] == version else { return }
            for progress in servers[server].progress(at: time, answers: { requests[$0].answer }) {
                switch progress {
                case .firstToken(let number): requests[number].firstToken = time
                case .ended(let number): end(number, at: time)
                }
            }
            plan(server)
        }
    }

    private mutating func ask(_ conversation: Int, at time: Double) {
        let turn = workload.conversations[conversation].turns[turn[conversation]]
        said[conversation].append(turn.text)
        let request = SimulatedRequest(
            number: requests.count,
            conversation: conversation,
            prompt: said[conversation],
            generated: turn.generated,
            arrival: time
        )
        requests.append(request)
        send(balancing.arrived(request, servers, at: time), at: time)
    }

    private mutating func end(_ number: Int, at time: Double) {
        requests[number].end = time
        let conversation = requests[number].conversation
        said[conversation].append(requests[number].answer)
        let ended = workload.conversations[conversation].turns[turn[conversation]]
        turn[conversation] += 1
        for branch in ended.branches {
            if said[branch].tokens == 0 { said[branch] = said[conversation] }
            events.add(.turn(conversation: branch), at: time + 0.05)
        }
        branches[conversation] = ended.branches.count
        goOn(conversation, at: time)
        send(balancing.ended(requests[number], servers, at: time), at: time)
    }

    private mutating func goOn(_ conversation: Int, at time: Double) {
        guard branches[conversation] == 0 else { return }
        let turns = workload.conversations[conversation].turns
        if turn[conversation] < turns.count {
            events.add(.turn(conversation: conversation), at: time + turns[turn[conversation]].pause)
        } else if let parent = parents[conversation] {
            branches[parent] -= 1
            goOn(parent, at: time)
        }
    }

    private mutating func send(_ sent: Balancing.Sent, at time: Double) {
        for (number, server) in sent {
            let request = requests[number]
            requests[number].server = server
            requests[number].sent = time
            requests[number].found = servers[server].begin(
                number,
                request.prompt,
                generating: request.generated,
                at: time
            )
            plan(server)
        }
    }

    private mutating func plan(_ server: Int) {
        versions[server] += 1
        guard let time = servers[server].nextChange else { return }
        events.add(.change(server: server, version: versions[server]), at: time)
    }
}
