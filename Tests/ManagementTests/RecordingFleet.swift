import AccessControl
import LlamaServer
import Management
import Scheduling
import Synchronization

/// A fleet that writes down what it is told, and lets a test wait for it.
final class RecordingFleet: FleetControl {
    enum Event: Equatable, Sendable {
        case reported(UpstreamReport)
        case left(AgentID)
        case heard(PromptNews, AgentID)
        case drains(NetworkAddress, Bool)
    }

    private let scheduler = Mutex(Scheduler(configuration: .init()))
    private let log = Mutex<[Event]>([])
    /// What it was asked to explain.
    let asked = Mutex<[AskedRequest]>([])
    /// How often it was copied.
    let snapshots = Mutex(0)
    /// How those that left did it.
    let departures = Mutex<[Departure]>([])
    private let time = Mutex(Instant(nanoseconds: 1_000_000_000))
    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// All that has been told until now.
    var events: [Event] { log.withLock { $0 } }

    /// Waits for the next thing to be told; one test may wait at a time.
    func nextEvent() async -> Event? {
        await stream.first { _ in true }
    }

    func now() -> Instant {
        time.withLock { $0 }
    }

    /// Goes exactly as fast as the fleet's own.
    var wallClock: @Sendable () -> Int64 {
        { [self] in 1_733_500_000_000_000_000 + now().nanoseconds }
    }

    /// Lets time pass, which stands still otherwise.
    func advance(by duration: Duration) {
        let now = time.withLock { time in
            time = time + duration
            return time
        }
        scheduler.withLock { _ = $0.tick(at: now) }
    }

    @discardableResult
    func reported(_ report: UpstreamReport) -> Standing {
        let now = now()
        let standing = scheduler.withLock { scheduler in
            _ = scheduler.reported(report, at: now)
            return scheduler.standing(of: report.agent)
        }
        note(.reported(report))
        return standing
    }

    func agentLeft(_ agent: AgentID, _ departure: Departure = .goodbye) {
        let now = now()
        scheduler.withLock { _ = $0.agentLeft(agent, departure, at: now) }
        departures.withLock { $0.append(departure) }
        note(.left(agent))
    }

    /// Requests that come, each to be given a slot.
    func submit(_ count: Int) {
        let now = now()
        scheduler.withLock { scheduler in
            for number in 0..<count { _ = scheduler.submit(RequestID(rawValue: UInt64(number)), at: now) }
        }
    }

    func leases(of agent: AgentID) -> Int {
        scheduler.withLock { $0.leases(of: agent) }
    }

    func heard(_ news: PromptNews, of agent: AgentID) {
        note(.heard(news, agent))
    }

    private let seed = Mutex<PromptSeed?>(PromptSeed(value: 7, madeAt: 2000))

    var promptSeed: PromptSeed? { seed.withLock(\.self) }

    func makeNothingOfPrompts() {
        seed.withLock { $0 = nil }
    }

    func adopt(_ other: PromptSeed) -> Bool {
        seed.withLock { seed in
            guard let own = seed, other < own else { return false }
            seed = other
            return true
        }
    }

    func refused(_ agent: AgentID?, of address: NetworkAddress?, reason: String) {
        let now = now()
        scheduler.withLock { $0.refused(agent, of: address, reason: reason, at: now) }
    }

    func ask(_ wish: ModelWish, of agent: AgentID) -> Bool {
        let now = now()
        return scheduler.withLock { $0.ask(wish, of: agent, at: now) } != nil
    }

    func forgetLost(_ address: NetworkAddress) -> Bool {
        let now = now()
        return scheduler.withLock { $0.forgetLost(address, at: now) }
    }

    func setDraining(_ address: NetworkAddress, _ isDraining: Bool) {
        let now = now()
        scheduler.withLock { _ = isDraining ? $0.drain(address, at: now) : $0.undrain(address, at: now) }
        note(.drains(address, isDraining))
    }

    func totals() -> FleetTotals { scheduler.withLock { $0.totals() } }

    func snapshot() -> FleetSnapshot {
        snapshots.withLock { $0 += 1 }
        let now = now()
        return scheduler.withLock { $0.snapshot(at: now) }
    }

    func upstream(at address: NetworkAddress) -> UpstreamSnapshot? {
        let now = now()
        return scheduler.withLock { $0.snapshot(of: address, at: now) }
    }

    func upstream(of agent: AgentID) -> UpstreamSnapshot? {
        let now = now()
        return scheduler.withLock { $0.snapshot(of: agent, at: now) }
    }

    func recentEvents() -> [FleetEvent] {
        scheduler.withLock { $0.events }
    }

    func explain(_ request: AskedRequest, of asker: Asker, limit: Int) -> Explanation? {
        guard !request.path.hasSuffix("/models") else { return nil }
        asked.withLock { $0.append(request) }
        var reader = DemandReader()
        let body = request.body.span
        var demand = reader.demand(
            body,
            at: Array(request.path.utf8).span,
            model: reader.model(body),
            session: nil,
            .prompts(seed: 0)
        )
        demand.priority = asker.rank
        demand.terms = asker.tenant.map { TenantTerms(tenant: TenantID(number: UInt32($0.number))) }
        let now = now()
        return scheduler.withLock { $0.explain(demand, limit: limit, at: now) }
    }

    private func note(_ event: Event) {
        log.withLock { $0.append(event) }
        continuation.yield(event)
    }
}
