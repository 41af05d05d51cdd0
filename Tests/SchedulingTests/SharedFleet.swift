import LlamaServer
import Scheduling
import SeededRandom

/// A fleet that some use all the time, each with 50 requests that wait, in virtual time.
struct SharedFleet {
    struct Sharer {
        var weight: Int
        /// How long its answers take.
        var seconds: ClosedRange<Double>
        var isBusy = true

        init(weight: Int, seconds: ClosedRange<Double>) {
            self.weight = weight
            self.seconds = seconds
        }
    }

    private struct Running {
        var lease: Lease
        var sharer: Int
        var start: Instant
        var end: Instant
    }

    var sharers: [Sharer]
    /// Seconds of slot time.
    private(set) var had: [Double]
    private(set) var answered: [Int]
    /// Whether all slots were in use all the time.
    private(set) var isNeverIdle = true
    private let slots: Int
    private var scheduler = Scheduler(configuration: SharedFleet.configuration)
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var waiting: [[UInt64]]
    private var running: [Running] = []
    private var lastRequest: UInt64 = 0
    private var random = SplitMix64(seed: 1)

    private static let window = 50
    private static var configuration: Scheduler.Configuration {
        var configuration = Scheduler.Configuration()
        configuration.queueTimeout = .seconds(100_000)
        return configuration
    }

    init(slots: Int, _ sharers: [Sharer]) {
        self.slots = slots
        self.sharers = sharers
        had = sharers.map { _ in 0 }
        answered = sharers.map { _ in 0 }
        waiting = sharers.map { _ in [] }
        let report = UpstreamReport(
            agent: AgentID(rawValue: "a"),
            route: UpstreamRoute(address: NetworkAddress(host: "10.0.0.1", port: 8080)),
            condition: .ready,
            slots: SlotSample(total: slots, processing: 0, taken: now...now),
            maximumSilence: .seconds(1_000_000)
        )
        _ = scheduler.reported(report, at: now)
    }

    /// Of all slot time, what each has had.
    var shares: [Double] {
        let sum = had.reduce(0, +)
        return had.map { $0 / sum }
    }

    mutating func run(for time: Duration) throws {
        let end = now + time
        while now < end {
            for sharer in sharers.indices where sharers[sharer].isBusy {
                while waiting[sharer].count < Self.window { submit(sharer) }
            }
            if running.count < slots { isNeverIdle = false }
            guard let next = running.indices.min(by: { running[$0].end < running[$1].end }) else { return }
            finish(running.remove(at: next))
        }
    }

    private mutating func submit(_ sharer: Int) {
        lastRequest += 1
        var demand = RequestDemand()
        demand.terms = TenantTerms(tenant: TenantID(number: UInt32(sharer)), weight: sharers[sharer].weight)
        switch scheduler.submit(RequestID(rawValue: lastRequest), for: demand, at: now) {
        case .queued: waiting[sharer].append(lastRequest)
        case .dispatch(let lease): start(lease, sharer)
        case .reject: break
        }
    }

    private mutating func start(_ lease: Lease, _ sharer: Int) {
        let seconds = sharers[sharer].seconds
        let part = Double(random.below(1000)) / 1000
        let time = seconds.lowerBound + part * (seconds.upperBound - seconds.lowerBound)
        running.append(Running(lease: lease, sharer: sharer, start: now, end: now + .seconds(time)))
    }

    private mutating func finish(_ ended: Running) {
        now = max(now, ended.end)
        had[ended.sharer] += (now - ended.start) / .seconds(1)
        answered[ended.sharer] += 1
        for decision in scheduler.finished(ended.lease, .answered, at: now) {
            guard case .dispatch(let lease) = decision,
                let sharer = waiting.firstIndex(where: { $0.first == lease.request.rawValue })
            else { continue }
            waiting[sharer].removeFirst()
            start(lease, sharer)
        }
    }
}
