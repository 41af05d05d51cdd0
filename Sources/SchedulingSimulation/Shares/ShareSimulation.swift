import LlamaServer
import Scheduling
import SeededRandom

/// Tenants who want more than there is, and what each of them gets.
///
/// Servers are up, and every request is answered, though one server may refuse some before that. What is checked at every
/// moment is whose turn it was.
struct ShareSimulation: Simulated {
    private let schedule: Schedule
    private var random: SplitMix64
    private(set) var trace: Trace
    private var scheduler: Scheduler
    private let patience: Duration
    private var now = Instant(nanoseconds: 1_000_000_000)
    private(set) var sharers: [Sharer]
    private var running: [Running] = []
    private var lastRequest: UInt64 = 0
    private let upstreams: Int
    /// By class: since when those of better classes have got slots while it waited, and none of it has.
    private var passedSince: [UInt8: Instant] = [:]
    /// By pair: what they had had when both had begun to wait.
    private var marks: [Int: Mark] = [:]

    private struct Running {
        var lease: Lease
        var sharer: Int
        var start: Instant
        var end: Instant
        /// The server refuses it then, and it is to be sent again.
        var isRefused: Bool
    }

    private struct Mark {
        var since: Instant
        var first: Double
        var second: Double
    }

    init(_ schedule: Schedule, trace: Trace) {
        self.schedule = schedule
        self.trace = trace
        var random = schedule.random(of: Schedule.beginning)
        var configuration = Scheduler.Configuration()
        configuration.maximumQueued = 10_000
        configuration.queueTimeout = .seconds(1_000_000)
        configuration.balance = random.pick(Balance.allCases)
        patience = random.pick([.seconds(1), .seconds(5), .seconds(30)])
        configuration.classPatience = patience
        scheduler = Scheduler(configuration: configuration)
        let classes = random.pick([1, 1, 2, 3])
        sharers = (0..<random.pick([2, 2, 3, 5, 10])).map { number in
            let shortest = random.pick([1, 50, 500])
            return Sharer(
                terms: TenantTerms(
                    tenant: TenantID(number: UInt32(number)),
                    weight: random.pick([1, 1, 2, 4]),
                    maximumRunning: random.pick([nil, nil, nil, 1, 3])
                ),
                priority: UInt8(random.below(classes)),
                service: shortest...random.pick([shortest, 2 * shortest, 5000]),
                window: random.pick([1, 5, 50]),
                refused: random.pick([0, 0, 50, 80]),
                isBusy: random.chance(70)
            )
        }
        upstreams = random.pick([1, 2, 4])
        for number in 0..<upstreams {
            let total = random.pick([1, 2, 8])
            let report = UpstreamReport(
                agent: AgentID(rawValue: "a\(number)"),
                route: UpstreamRoute(address: NetworkAddress(host: "10.0.0.\(number + 1)", port: 8080)),
                condition: .ready,
                slots: SlotSample(total: total, processing: 0, taken: now...now),
                maximumSilence: .seconds(1_000_000)
            )
            _ = scheduler.reported(report, at: now)
        }
        self.random = random
    }

    mutating func run() throws(Violation) -> SimulationTally {
        for step in schedule.steps {
            trace.step = step
            random = schedule.random(of: step)
            if random.chance(5) { sharers[random.below(sharers.count)].isBusy.toggle() }
            try submitMore()
            try finishNext()
            try check()
        }
        for index in sharers.indices { sharers[index].isBusy = false }
        while !running.isEmpty {
            try finishNext()
            try check()
        }
        guard scheduler.queuedCount == 0, sharers.allSatisfy({ $0.waiting.isEmpty }) else {
            throw Violation(.everythingEnds, "\(scheduler.queuedCount) wait for ever")
        }
        return SimulationTally(steps: schedule.steps.count, scheduler.snapshot(at: now).counters)
    }

    private mutating func submitMore() throws(Violation) {
        for index in sharers.indices where sharers[index].isBusy {
            while sharers[index].waiting.count < sharers[index].window { try submit(index) }
        }
    }

    private mutating func submit(_ index: Int) throws(Violation) {
        lastRequest += 1
        let id = RequestID(rawValue: lastRequest)
        var demand = RequestDemand()
        demand.terms = sharers[index].terms
        demand.priority = sharers[index].priority
        switch scheduler.submit(id, for: demand, at: now) {
        case .queued:
            sharers[index].waiting.append(id)
            let terms = sharers[index].terms
            trace.note("\(lastRequest) of \(index), class \(demand.priority), weight \(terms.weight), waits")
        case .dispatch(let lease): try start(lease, of: index)
        case .reject(let rejection): throw Violation(.tenantLimits, "\(lastRequest) was refused: \(rejection)")
        }
    }

    private mutating func finishNext() throws(Violation) {
        guard let next = running.indices.min(by: { running[$0].end < running[$1].end }) else { return }
        let ended = running.remove(at: next)
        now = max(now, ended.end)
        trace.now = now
        sharers[ended.sharer].running -= 1
        sharers[ended.sharer].served += now - ended.start
        trace.note("\(ended.lease.request.rawValue) of \(ended.sharer) ends")
        for decision in try give(back: ended) {
            guard case .dispatch(let lease) = decision,
                let index = sharers.firstIndex(where: { $0.waiting.contains(lease.request) })
            else { throw Violation(.theEndIsTheEnd, "\(decision) is about nobody who waits") }
            guard sharers[index].waiting.removeFirst() == lease.request else {
                throw Violation(.order, "\(lease.request.rawValue) came later than others of its tenant")
            }
            try take(lease, of: index)
        }
    }

    /// It has waited, or come back, and is next.
    private mutating func take(_ lease: Lease, of index: Int) throws(Violation) {
        try checkTurn(of: index, lease.request)
        let isGranted = wasPassedOver(sharers[index].priority)
        served(sharers[index].priority)
        try start(lease, of: index)
        if isGranted, let begun = running.last { sharers[index].granted += begun.end - begun.start }
    }

    /// - Returns: what happens with its slot, if it isn't the request's own once more.
    private mutating func give(back ended: Running) throws(Violation) -> Decisions {
        guard ended.isRefused else { return scheduler.finished(ended.lease, .answered, at: now) }
        let id = ended.lease.request
        let (submission, decisions) = scheduler.retry(ended.lease, after: .refused, at: now)
        switch submission {
        case .queued:
            let place = sharers[ended.sharer].waiting.firstIndex { $0.rawValue > id.rawValue }
            sharers[ended.sharer].waiting.insert(id, at: place ?? sharers[ended.sharer].waiting.endIndex)
        case .dispatch(let lease):
            try take(lease, of: ended.sharer)
        case .reject(let rejection): throw Violation(.everythingEnds, "\(id.rawValue) was refused: \(rejection)")
        case nil: throw Violation(.givenBackOnce, "the lease of \(id.rawValue) is unknown")
        }
        return decisions
    }

    private mutating func start(_ lease: Lease, of index: Int) throws(Violation) {
        trace.note("\(lease.request.rawValue) of \(index) begins")
        let end = now + sharers[index].someService(&random)
        // Where there are others, it would avoid the one that refused it, and let somebody get past.
        let isRefused = upstreams == 1 && random.chance(sharers[index].refused)
        running.append(Running(lease: lease, sharer: index, start: now, end: end, isRefused: isRefused))
        sharers[index].running += 1
        if let limit = sharers[index].terms.maximumRunning, sharers[index].running > limit {
            throw Violation(.tenantLimits, "\(index) has \(sharers[index].running) running, and may have \(limit)")
        }
    }

    /// Better classes come first, and those that were passed over for long enough before all others.
    private func checkTurn(of index: Int, _ request: RequestID) throws(Violation) {
        let priority = sharers[index].priority
        for other in sharers where !other.waiting.isEmpty && !other.isAtLimit && other.priority != priority {
            if other.priority < priority, !wasPassedOver(priority) {
                throw Violation(.classes, "\(request.rawValue) of class \(priority) was let by")
            }
            if wasPassedOver(other.priority), !wasPassedOver(priority) || other.priority < priority {
                throw Violation(.classes, "class \(other.priority) was passed over for more than \(patience)")
            }
        }
    }

    /// One of this class got a slot.
    private mutating func served(_ priority: UInt8) {
        passedSince[priority] = nil
        for passed in Set(sharers.map(\.priority))
        where sharers.allSatisfy({ $0.priority != passed || $0.waiting.isEmpty }) {
            passedSince[passed] = nil
        }
        for passed in sharers where passed.priority > priority && !passed.waiting.isEmpty {
            passedSince[passed.priority] = passedSince[passed.priority] ?? now
        }
    }

    private func wasPassedOver(_ priority: UInt8) -> Bool {
        passedSince[priority].map { $0 + patience <= now } ?? false
    }

    private mutating func check() throws(Violation) {
        let violations = scheduler.violations()
        guard violations.isEmpty else { throw Violation(.books, violations) }
        let best = sharers.filter { !$0.waiting.isEmpty }.map(\.priority).min()
        for index in sharers.indices {
            let isBacklogged =
                !sharers[index].waiting.isEmpty && !sharers[index].isAtLimit && sharers[index].priority == best
            if !isBacklogged {
                sharers[index].backloggedSince = nil
            } else if sharers[index].backloggedSince == nil {
                sharers[index].backloggedSince = now
                sharers[index].mostRunning = sharers[index].running
            }
            sharers[index].mostRunning = max(sharers[index].mostRunning, sharers[index].running)
        }
        try checkShares()
    }

    /// Of two who both want more for a while, neither gets more than its share and what may be running: VTC's theorem, of slot
    /// time.
    private mutating func checkShares() throws(Violation) {
        for first in sharers.indices {
            for second in sharers.indices where second > first {
                let pair = first * sharers.count + second
                guard let since = sharers[first].backloggedSince, let other = sharers[second].backloggedSince else {
                    marks[pair] = nil
                    continue
                }
                guard let mark = marks[pair], mark.since >= max(since, other) else {
                    marks[pair] = Mark(since: now, first: had(first), second: had(second))
                    continue
                }
                let difference = abs((had(first) - mark.first) - (had(second) - mark.second))
                guard difference <= bound(first) + bound(second) else {
                    throw Violation(
                        .fairShares,
                        "since \(now - mark.since) \(first) has got \(had(first) - mark.first) s, \(second) \(had(second) - mark.second) s"
                    )
                }
            }
        }
    }

    /// In seconds of slot time for each part of its weight.
    private func had(_ index: Int) -> Double {
        let now = now
        let time = running.reduce(sharers[index].served) { time, one in
            one.sharer == index ? time + (now - one.start) : time
        }
        return time / .seconds(1) / Double(sharers[index].terms.weight)
    }

    /// What it may have running beyond what it was charged, and was charged beyond what it has had: each of its slots once
    /// before and once after. And what it got out of turn, which it pays for later.
    private func bound(_ index: Int) -> Double {
        let longest = sharers.map(\.service.upperBound).max() ?? 0
        let granted = sharers[index].granted / .seconds(1)
        let inSlots = 2 * Double(longest) / 1000 * Double(sharers[index].mostRunning + 1)
        return (inSlots + granted) / Double(sharers[index].terms.weight)
    }
}
