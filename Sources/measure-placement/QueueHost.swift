/// A host that loads what the request asks for that has waited longest, and knows nothing else; or that knows the future.
struct QueueHost {
    enum Rule {
        /// llama-swap's: as soon as what runs on another model has ended, that goes which was used least recently.
        case firstComeFirstServed
        /// That goes which is asked for again last, and only when nobody waits for it: of all that serve everybody, about the
        /// fewest loads that there can be.
        case farSighted
    }

    private enum Model {
        case absent
        case loading(until: Int64)
        case loaded(lastUsed: Int64)
    }

    private let workload: Workload
    private let machine: Machine
    private let rule: Rule
    private var models: [Model]
    /// By model, when each running request ends.
    private var running: [[Int64]]
    private var waiting: [Int] = []
    /// Of those, whose server has them already, and will answer them whatever comes.
    private var admitted: Set<Int> = []
    private var next = 0
    private var now: Int64 = 0
    private var outcome = Outcome()

    static func run(_ workload: Workload, on machine: Machine, _ rule: Rule) -> Outcome {
        var host = QueueHost(workload, machine, rule)
        host.run()
        return host.outcome
    }

    private init(_ workload: Workload, _ machine: Machine, _ rule: Rule) {
        self.workload = workload
        self.machine = machine
        self.rule = rule
        models = Array(repeating: .absent, count: workload.models)
        running = Array(repeating: [], count: workload.models)
    }

    private mutating func run() {
        while let time = nextTime() {
            now = time
            for model in models.indices {
                running[model].removeAll { $0 <= now }
                guard case .loading(let until) = models[model], until <= now else { continue }
                models[model] = .loaded(lastUsed: now)
                admitted.formUnion(waiting.filter { workload.requests[$0].model == model })
            }
            while next < workload.requests.count, workload.requests[next].arrival <= now {
                waiting.append(next)
                next += 1
            }
            leave()
            serve()
            swap()
        }
    }

    private func nextTime() -> Int64? {
        var times = running.joined().filter { $0 > now }
        if next < workload.requests.count { times.append(max(now, workload.requests[next].arrival)) }
        for case .loading(let until) in models { times.append(until) }
        times += waiting.compactMap { end(of: $0) }.filter { $0 > now }
        return times.min()
    }

    private func end(of request: Int) -> Int64? {
        workload.requests[request].patience.map { workload.requests[request].arrival + $0 }
    }

    private mutating func leave() {
        let staying = waiting.filter { request in end(of: request).map { $0 > now } ?? true }
        outcome.left += waiting.count - staying.count
        admitted.subtract(Set(waiting).subtracting(staying))
        waiting = staying
    }

    /// The model that has to go is served no more.
    private mutating func serve() {
        let going = victim
        var left: [Int] = []
        for number in waiting {
            let request = workload.requests[number]
            guard case .loaded = models[request.model], request.model != going || admitted.contains(number) else {
                left.append(number)
                continue
            }
            guard running[request.model].count < machine.slots else {
                admitted.insert(number)
                left.append(number)
                continue
            }
            admitted.remove(number)
            running[request.model].append(now + request.service)
            models[request.model] = .loaded(lastUsed: now)
            outcome.waits.append(Double(now - request.arrival) / 1e6)
        }
        waiting = left
    }

    /// Whose model is to be loaded next.
    private var wanted: Int? {
        waiting.lazy.map { [workload, models] in (workload.requests[$0].model, models) }
            .first { model, models in if case .absent = models[model] { true } else { false } }?.0
    }

    private var victim: Int? {
        guard wanted != nil, models.count(where: { if case .absent = $0 { false } else { true } }) == machine.room
        else {
            return nil
        }
        var loaded: [(model: Int, lastUsed: Int64)] = []
        for (model, state) in models.enumerated() {
            if case .loaded(let lastUsed) = state { loaded.append((model, lastUsed)) }
        }
        switch rule {
        case .firstComeFirstServed: return loaded.min { $0.lastUsed < $1.lastUsed }?.model
        case .farSighted:
            let free = loaded.filter { model, _ in
                running[model].isEmpty && !waiting.contains { workload.requests[$0].model == model }
            }
            return free.max { nextUse(of: $0.model) < nextUse(of: $1.model) }?.model
        }
    }

    private func nextUse(of model: Int) -> Int64 {
        workload.requests[next...].first { $0.model == model }?.arrival ?? .max
    }

    private mutating func swap() {
        while let wanted {
            let isFull = models.count { if case .absent = $0 { false } else { true } } == machine.room
            if isFull {
                guard let victim, running[victim].isEmpty,
                    !admitted.contains(where: { workload.requests[$0].model == victim })
                else { return }
                models[victim] = .absent
            }
            models[wanted] = .loading(until: now + machine.loadTime)
            outcome.loads += 1
            serve()
        }
    }
}
