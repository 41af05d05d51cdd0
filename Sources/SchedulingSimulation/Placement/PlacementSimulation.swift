import LlamaServer
import Scheduling
import SeededRandom

/// Models of which more are wanted than hosts have memory for: agents that load and unload them as the scheduler wishes, refuse,
/// fail and lose their connections, and clients that wait and leave.
struct PlacementSimulation: Simulated {
    enum Event {
        /// What an agent has said of its model arrives.
        case report(Int, SimulatedModel.Process, refusals: Int)
        case loaded(Int, generation: Int)
        case crashed(Int, generation: Int)
        case answered(RequestID)
        /// Its agent's connection is back.
        case reconnected(Int)
    }

    struct Waiting {
        var id: RequestID
        var model: String
        var ticket: QueueTicket
        var since: Instant
    }

    struct Running {
        var lease: Lease
        var model: Int
        var name: String
    }

    let schedule: Schedule
    var random: SplitMix64
    var trace: Trace
    var scheduler: Scheduler
    var now = Instant(nanoseconds: 1_000_000_000)
    var models: [SimulatedModel] = []
    let hostMemories: [Int]
    let names: [String]
    let service: ClosedRange<Int>
    /// Whether hosts say which models they have.
    let announces: Bool
    /// A hundredth of which wishes are refused, and connections lost.
    var trouble: Int
    /// Whether agents do what they are asked for, and loads succeed.
    let isReliable: Bool
    var events = EventQueue<Event>()
    var waiting: [Waiting] = []
    var running: [Running] = []
    /// Who has waited longest of those whose model isn't there, and since when that has been so.
    var longest: (id: RequestID, since: Instant)?
    var lastRequest: UInt64 = 0
    var isCalm = false

    init(_ schedule: Schedule, trace: Trace) {
        self.schedule = schedule
        self.trace = trace
        var random = schedule.random(of: Schedule.beginning)
        var configuration = Scheduler.Configuration()
        configuration.maximumQueued = 10_000
        configuration.queueTimeout = .seconds(1_000_000)
        configuration.balance = random.pick(Balance.allCases)
        configuration.strictModels = random.chance(50)
        scheduler = Scheduler(configuration: configuration)
        names = Array(["a", "b", "c", "d", "e"].prefix(random.pick([1, 2, 3, 3, 5])))
        hostMemories = (0..<random.pick([1, 1, 2, 3])).map { _ in random.pick([8, 10, 16]) }
        trouble = random.pick([0, 0, 5, 30])
        let shortest = random.pick([10, 500])
        service = shortest...random.pick([shortest, 10 * shortest])
        let failing = random.pick([0, 0, 0, 30])
        let lies = random.chance(20)
        announces = random.chance(50)
        for host in hostMemories.indices {
            for name in names where host == 0 || random.chance(70) {
                let memory = random.pick([2, 4, 6, 8])
                // Beside the only one, all others have room.
                let isPinned =
                    memory == 2 && hostMemories[host] > 8 && random.chance(30)
                    && !models.contains { $0.host == host && $0.isPinned }
                models.append(
                    SimulatedModel(
                        number: models.count + 1,
                        name: name,
                        host: host,
                        slots: random.pick([1, 2, 4]),
                        loadTime: .milliseconds(random.pick([50, 1000, 10_000])),
                        memory: (memory, lies && random.chance(50) ? max(1, memory - 2) : memory),
                        isPinned: isPinned,
                        failing: random.chance(30) ? failing : 0
                    )
                )
            }
        }
        isReliable = trouble == 0 && models.allSatisfy(\.isReliable)
        self.random = random
    }

    mutating func run() throws(Violation) -> SimulationTally {
        for index in models.indices { try arrive(index, models[index].told) }
        for step in schedule.steps {
            trace.step = step
            random = schedule.random(of: step)
            try act()
            try pass(atMost: .milliseconds(random.pick([1, 20, 300, 3000])))
        }
        trace.step = Schedule.end
        random = schedule.random(of: Schedule.end)
        isCalm = true
        trouble = 0
        let end = now + calmLimit
        while !(waiting.isEmpty && running.isEmpty) {
            guard now < end else {
                let first = waiting.first.map { "\($0.id.rawValue) for \($0.model) has waited \(now - $0.since)" }
                throw Violation(.everythingEnds, first ?? "\(running.count) run for ever")
            }
            try pass(atMost: .seconds(1))
        }
        return SimulationTally(steps: schedule.steps.count, scheduler.snapshot(at: now).counters)
    }

    /// All who wait are served by then: each model in its turn on the only host, again and again while others have some.
    private var calmLimit: Duration {
        let loads = models.reduce(Duration.zero) { $0 + $1.loadTime }
        let rounds = waiting.count + running.count + 2
        // An agent pauses for a minute at most, and the scheduler, too.
        return (loads * 4 + .milliseconds(service.upperBound) + .seconds(5)) * rounds + .seconds(300)
    }

    /// Of those whose model isn't there, the first has it by then: what is there has been loaded and has stayed, has ended what it
    /// does, and the model has been loaded.
    var turnLimit: Duration {
        let longest = models.map(\.loadTime).max() ?? .zero
        return longest * 6 + .milliseconds(service.upperBound) + .seconds(2)
    }

    // MARK: - Clients

    private mutating func act() throws(Violation) {
        switch random.below(10) {
        case 0..<6:
            let model = random.pick(names)
            for _ in 0..<random.pick([1, 1, 1, 5]) { try submit(for: model) }
        case 6, 7:
            if !waiting.isEmpty { try leave(random.below(waiting.count)) }
        case 8:
            let index = random.below(models.count)
            if random.chance(trouble) { try loseConnection(of: index) }
        default:
            let index = random.below(models.count)
            // Its time to live is over.
            if case .ready = models[index].process, random.chance(30) { try unload(index) }
        }
    }

    private mutating func submit(for model: String) throws(Violation) {
        lastRequest += 1
        let id = RequestID(rawValue: lastRequest)
        switch scheduler.submit(id, for: RequestDemand(model: model), at: now) {
        case .dispatch(let lease): try begin(lease, for: model)
        case .queued(let ticket):
            trace.note("\(id.rawValue) waits for \(model)")
            waiting.append(Waiting(id: id, model: model, ticket: ticket, since: now))
        case .reject(let rejection):
            throw Violation(.nothingIsLost, "\(id.rawValue) for \(model) was refused: \(rejection)")
        }
        try check()
    }

    private mutating func leave(_ index: Int) throws(Violation) {
        let leaving = waiting.remove(at: index)
        trace.note("\(leaving.id.rawValue) for \(leaving.model) leaves")
        let (wasThere, decisions) = scheduler.cancel(leaving.ticket, at: now)
        guard wasThere else { throw Violation(.nothingIsLost, "\(leaving.id.rawValue) doesn't wait any more") }
        try carryOut(decisions)
    }

    private mutating func begin(_ lease: Lease, for model: String) throws(Violation) {
        guard let index = models.firstIndex(where: { $0.address == lease.route.address }) else {
            throw Violation(.onlyUsable, "\(lease.request.rawValue) goes to \(lease.route.address), where nobody is")
        }
        try checkLease(lease, for: model, on: index)
        trace.note("\(lease.request.rawValue) goes to \(models[index].agent)")
        running.append(Running(lease: lease, model: index, name: model))
        let time = service.lowerBound + random.below(service.upperBound - service.lowerBound + 1)
        events.add(.answered(lease.request), at: now + .milliseconds(time))
    }

    private mutating func answered(_ id: RequestID) throws(Violation) {
        guard let index = running.firstIndex(where: { $0.lease.request == id }) else { return }
        let ended = running.remove(at: index)
        try carryOut(scheduler.finished(ended.lease, .answered, at: now))
    }

    // MARK: - Time

    private mutating func pass(atMost limit: Duration) throws(Violation) {
        let end = now + limit
        var rounds = 0
        while true {
            rounds += 1
            guard rounds < 100_000 else { throw Violation(.ticks, "time stands still") }
            let tick = scheduler.nextTick
            let next = events.nextTime
            guard let due = [tick, next].compactMap(\.self).min(), due <= end else { break }
            now = max(now, due)
            trace.now = now
            if let tick, tick <= now {
                try carryOut(scheduler.tick(at: now))
                if let left = scheduler.nextTick, left <= now {
                    throw Violation(.ticks, "a tick left something that was due")
                }
                // The shell's ticks are so far apart.
                now = now + .milliseconds(1)
            } else if let event = events.removeFirst() {
                try happen(event)
            }
        }
        now = max(now, end)
        trace.now = now
    }

    private mutating func happen(_ event: Event) throws(Violation) {
        switch event {
        case .report(let index, let process, let refusals):
            models[index].refusalsTold = refusals
            try arrive(index, process)
        case .loaded(let index, let generation):
            if models[index].generation == generation { try loaded(index) }
        case .crashed(let index, let generation):
            if models[index].generation == generation { try crashed(index) }
        case .answered(let id): try answered(id)
        case .reconnected(let index): say(index)
        }
    }

    mutating func carryOut(_ decisions: Decisions) throws(Violation) {
        for decision in decisions {
            switch decision {
            case .dispatch(let lease):
                guard let index = waiting.firstIndex(where: { $0.id == lease.request }) else {
                    throw Violation(.theEndIsTheEnd, "\(lease.request.rawValue) doesn't wait and got a slot")
                }
                let served = waiting.remove(at: index)
                try begin(lease, for: served.model)
            case .reject(let id, let rejection): try rejected(id, rejection)
            case .wish(let wish, _, let agent): try wished(wish, agent)
            case .drained(let agent): try drained(agent)
            case .send, .cooled, .poll: break
            }
        }
        try check()
    }
}
