import LlamaServer
import Scheduling

/// The product's scheduler, over a host that does what it wishes.
struct PaddlerHost {
    private enum Event {
        case arrives(Int)
        case leaves(Int)
        case answered(Int)
        case loaded(Int)
    }

    private let workload: Workload
    private let machine: Machine
    private var scheduler: Scheduler
    private var now = Instant(nanoseconds: 0)
    private var events: [(time: Int64, number: Int, event: Event)] = []
    private var lastEvent = 0
    private var tickets: [Int: QueueTicket] = [:]
    private var leases: [Int: Lease] = [:]
    private var outcome = Outcome()

    static func run(_ workload: Workload, on machine: Machine) -> Outcome {
        var host = PaddlerHost(workload, machine)
        host.run()
        return host.outcome
    }

    private init(_ workload: Workload, _ machine: Machine) {
        self.workload = workload
        self.machine = machine
        var configuration = Scheduler.Configuration()
        configuration.maximumQueued = 1_000_000
        scheduler = Scheduler(configuration: configuration)
    }

    private mutating func run() {
        for model in 0..<workload.models { say(model, .unloaded) }
        for (number, request) in workload.requests.enumerated() {
            plan(.arrives(number), at: request.arrival)
            if let patience = request.patience { plan(.leaves(number), at: request.arrival + patience) }
        }
        while let next = nextEvent() {
            if let tick = scheduler.nextTick, tick.nanoseconds <= next.time {
                // The product's ticks are so far apart.
                now = Instant(nanoseconds: max(now.nanoseconds + 20_000_000, tick.nanoseconds))
                carryOut(scheduler.tick(at: now))
            } else {
                events.removeAll { $0.number == next.number }
                now = Instant(nanoseconds: max(now.nanoseconds, next.time))
                happen(next.event)
            }
        }
    }

    private func nextEvent() -> (time: Int64, number: Int, event: Event)? {
        events.min { ($0.time, $0.number) < ($1.time, $1.number) }
    }

    private mutating func plan(_ event: Event, at time: Int64) {
        lastEvent += 1
        events.append((time, lastEvent, event))
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .arrives(let number):
            let demand = RequestDemand(model: name(workload.requests[number].model))
            switch scheduler.submit(RequestID(rawValue: UInt64(number)), for: demand, at: now) {
            case .dispatch(let lease): begin(lease)
            case .queued(let ticket): tickets[number] = ticket
            case .reject: outcome.left += 1
            }
        case .leaves(let number):
            guard let ticket = tickets.removeValue(forKey: number) else { return }
            outcome.left += 1
            carryOut(scheduler.cancel(ticket, at: now).1)
        case .answered(let number):
            if let lease = leases.removeValue(forKey: number) {
                carryOut(scheduler.finished(lease, .answered, at: now))
            }
        case .loaded(let model): say(model, .ready)
        }
    }

    private mutating func begin(_ lease: Lease) {
        let number = Int(lease.request.rawValue)
        tickets[number] = nil
        leases[number] = lease
        let request = workload.requests[number]
        outcome.waits.append(Double(now.nanoseconds - request.arrival) / 1e6)
        plan(.answered(number), at: now.nanoseconds + request.service)
    }

    private mutating func carryOut(_ decisions: Decisions) {
        for decision in decisions {
            switch decision {
            case .dispatch(let lease): begin(lease)
            case .reject(let request, _):
                tickets[Int(request.rawValue)] = nil
                outcome.left += 1
            case .wish(.load, _, let agent):
                outcome.loads += 1
                say(number(agent), .loading)
                plan(.loaded(number(agent)), at: now.nanoseconds + machine.loadTime)
            case .wish(.unload, _, let agent): say(number(agent), .ready, isLeaving: true)
            case .drained(let agent): say(number(agent), .unloaded)
            case .send, .cooled, .poll: break
            }
        }
    }

    private mutating func say(_ model: Int, _ condition: Condition, isLeaving: Bool = false) {
        let report = UpstreamReport(
            agent: AgentID(rawValue: name(model)),
            route: UpstreamRoute(address: NetworkAddress(host: "10.0.0.\(model + 1)", port: 8080)),
            condition: condition,
            slots: condition == .ready ? SlotSample(total: machine.slots, processing: 0, taken: now...now) : nil,
            isLeaving: isLeaving,
            models: [name(model)],
            onDemand: OnDemand(
                host: "h",
                hostMemory: machine.room,
                memory: 1,
                loadTime: .nanoseconds(machine.loadTime)
            ),
            maximumSilence: .seconds(1_000_000)
        )
        carryOut(scheduler.reported(report, at: now))
    }

    private func name(_ model: Int) -> String { "m\(model)" }
    private func number(_ agent: AgentID) -> Int { Int(agent.rawValue.dropFirst()) ?? 0 }
}
