import LlamaServer
import Scheduling
import Testing

/// A scheduler, a clock, and the boring part of every test. After each input the invariants are checked.
struct Scene {
    private(set) var scheduler: Scheduler
    var now = Instant(nanoseconds: 1_000_000_000_000)
    private var lastRequest: UInt64 = 0

    init(_ configure: (inout Scheduler.Configuration) -> Void = { _ in }) {
        var configuration = Scheduler.Configuration()
        configure(&configuration)
        scheduler = Scheduler(configuration: configuration)
    }

    /// With upstreams `a`, `b`... of so many slots each.
    init(slots: [Int], _ configure: (inout Scheduler.Configuration) -> Void = { _ in }) {
        self.init(configure)
        for (name, count) in zip(["a", "b", "c", "d", "e"], slots) { report(name, total: count) }
    }

    // MARK: - Time

    mutating func pass(_ duration: Duration) {
        now = now + duration
    }

    @discardableResult
    mutating func tick(after duration: Duration = .zero) -> [Decision] {
        pass(duration)
        return decide { scheduler, now in scheduler.tick(at: now) }
    }

    // MARK: - The fleet

    /// A report of the agent with the upstream's name, unless another is given, with a sample of this moment.
    @discardableResult
    mutating func report(
        _ upstream: String,
        by agent: String? = nil,
        total: Int? = nil,
        processing: Int = 0,
        age: Duration = .zero,
        _ condition: Condition = .ready,
        isSleeping: Bool = false,
        isResting: Bool = false,
        isLeaving: Bool = false,
        models: [String] = [],
        role: ServerRole? = nil,
        context: Int? = nil,
        name: String? = nil,
        weight: Int = 1,
        others: Int? = nil,
        othersThen: Int? = nil,
        sharesPrompts: Bool = false,
        onDemand: OnDemand? = nil,
        maximumSilence: Duration = .seconds(1_000_000),
        forgottenAfter: Duration? = nil
    ) -> [Decision] {
        let taken = now - age
        let report = UpstreamReport(
            agent: AgentID(rawValue: agent ?? upstream),
            name: name,
            route: UpstreamRoute(address: NetworkAddress(host: upstream, port: 8080)),
            condition: condition,
            slots: total.map {
                SlotSample(
                    total: $0,
                    processing: processing,
                    taken: taken...taken,
                    isResting: isResting,
                    others: othersThen ?? others ?? 0
                )
            },
            isSleeping: isSleeping,
            isLeaving: isLeaving,
            models: models,
            role: role,
            contextSize: context,
            weight: weight,
            sharesLeases: others != nil,
            sharesPrompts: sharesPrompts,
            others: others ?? 0,
            onDemand: onDemand,
            maximumSilence: maximumSilence,
            forgottenAfter: forgottenAfter
        )
        return decide { scheduler, now in scheduler.reported(report, at: now) }
    }

    mutating func ask(_ wish: ModelWish, for model: String) -> WishAnswer {
        defer { check() }
        return scheduler.ask(wish, for: model, at: now).0
    }

    /// An operator's wish; nil: nobody follows it.
    mutating func ask(_ wish: ModelWish, of agent: String) -> [Decision]? {
        defer { check() }
        return scheduler.ask(wish, of: AgentID(rawValue: agent), at: now).map(Array.init)
    }

    @discardableResult
    mutating func leave(_ agent: String, _ departure: Departure = .goodbye) -> [Decision] {
        decide { scheduler, now in scheduler.agentLeft(AgentID(rawValue: agent), departure, at: now) }
    }

    mutating func forgetLost(_ upstream: String) -> Bool {
        defer { check() }
        return scheduler.forgetLost(NetworkAddress(host: upstream, port: 8080), at: now)
    }

    mutating func takeChanges(atMost limit: Int) -> FleetChanges {
        scheduler.takeChanges(atMost: limit, at: now)
    }

    mutating func takeLeaseNews() -> [AgentID] {
        scheduler.takeLeaseNews()
    }

    mutating func takePromptNews() -> [(agent: AgentID, news: PromptNews)] {
        scheduler.takePromptNews()
    }

    mutating func hear(_ news: PromptNews, of agent: AgentID) {
        scheduler.heard(news, of: agent)
        check()
    }

    mutating func forgetPrompts() {
        scheduler.forgetPrompts()
        check()
    }

    func standing(of agent: String) -> Standing {
        scheduler.standing(of: AgentID(rawValue: agent))
    }

    /// What became of the fleet, by the names of the events.
    var events: [String] { scheduler.events.map(\.kind.name) }

    var lost: [LostUpstream] { scheduler.snapshot(at: now).lost }

    mutating func setModelRules(_ rules: ModelRules) {
        scheduler.setModelRules(rules, at: now)
        check()
    }

    mutating func holdFleet() {
        scheduler.holdFleet()
    }

    @discardableResult
    mutating func drain(_ upstream: String) -> [Decision] {
        let address = NetworkAddress(host: upstream, port: 8080)
        return decide { scheduler, now in scheduler.drain(address, at: now) }
    }

    @discardableResult
    mutating func undrain(_ upstream: String) -> [Decision] {
        let address = NetworkAddress(host: upstream, port: 8080)
        return decide { scheduler, now in scheduler.undrain(address, at: now) }
    }

    @discardableResult
    mutating func connectFailed(_ upstream: UpstreamID) -> [Decision] {
        decide { scheduler, now in scheduler.connectFailed(upstream, at: now) }
    }

    /// What is known of an upstream now.
    subscript(upstream: String) -> UpstreamSnapshot {
        get throws {
            try #require(scheduler.snapshot(at: now).upstreams.first { $0.address.host == upstream })
        }
    }

    // MARK: - Requests

    /// A request that needs no slot.
    mutating func submitSlotless(avoiding upstream: UpstreamID? = nil, arrived: Instant? = nil) -> SlotlessSubmission {
        lastRequest += 1
        let id = RequestID(rawValue: lastRequest)
        let submission = scheduler.submitSlotless(id, avoiding: upstream, arrived: arrived ?? now, at: now)
        check()
        return submission
    }

    mutating func cancelSlotless(_ number: UInt64) -> Bool {
        defer { check() }
        return scheduler.cancelSlotless(RequestID(rawValue: number))
    }

    mutating func submit(
        for model: String? = nil,
        _ trail: PromptTrail? = nil,
        slots: Int = 1,
        answers: Int = 1
    ) -> Submission {
        lastRequest += 1
        let demand = RequestDemand(model: model, trail: trail, slots: slots, answers: answers)
        let submission = scheduler.submit(RequestID(rawValue: lastRequest), for: demand, at: now)
        check()
        return submission
    }

    mutating func submit(_ demand: RequestDemand) -> Submission {
        lastRequest += 1
        let submission = scheduler.submit(RequestID(rawValue: lastRequest), for: demand, at: now)
        check()
        return submission
    }

    /// Of the last request.
    var number: UInt64 { lastRequest }

    func demand(
        of tenant: UInt32,
        class priority: UInt8 = 0,
        model: String? = nil,
        running: Int? = nil,
        waiting: Int? = nil
    ) -> RequestDemand {
        var demand = RequestDemand(model: model)
        demand.priority = priority
        demand.terms = TenantTerms(
            tenant: TenantID(number: tenant),
            maximumRunning: running,
            maximumWaiting: waiting
        )
        return demand
    }

    mutating func submit(of tenant: UInt32, running: Int? = nil, waiting: Int? = nil) -> Submission {
        submit(demand(of: tenant, running: running, waiting: waiting))
    }

    mutating func lease(
        of tenant: UInt32,
        class priority: UInt8 = 0,
        model: String? = nil,
        running: Int? = nil
    ) throws -> Lease {
        try #require(submit(demand(of: tenant, class: priority, model: model, running: running)).lease)
    }

    mutating func queue(
        of tenant: UInt32,
        class priority: UInt8 = 0,
        model: String? = nil,
        running: Int? = nil,
        waiting: Int? = nil
    ) throws {
        let demand = demand(of: tenant, class: priority, model: model, running: running, waiting: waiting)
        _ = try #require(submit(demand).ticket)
    }

    mutating func submit(_ demand: RequestDemand, on upstream: UpstreamID) -> Submission {
        lastRequest += 1
        let submission = scheduler.submit(RequestID(rawValue: lastRequest), on: upstream, for: demand, at: now)
        check()
        return submission
    }

    /// What would become of a request, which changes nothing.
    func explain(_ trail: PromptTrail? = nil, model: String? = nil, slots: Int = 1, limit: Int = 100) -> Explanation {
        explain(RequestDemand(model: model, trail: trail, slots: slots), limit: limit)
    }

    func explain(_ demand: RequestDemand, limit: Int = 100) -> Explanation {
        let before = scheduler.snapshot(at: now)
        let explanation = scheduler.explain(demand, limit: limit, at: now)
        #expect(scheduler.snapshot(at: now) == before)
        return explanation
    }

    /// Why a request is where it is.
    func reason(_ lease: Lease) -> String? {
        scheduler.choice(of: lease)?.description
    }

    /// A request for a slot of one upstream.
    mutating func submit(on upstream: UpstreamID) -> Submission {
        lastRequest += 1
        let submission = scheduler.submit(RequestID(rawValue: lastRequest), on: upstream, at: now)
        check()
        return submission
    }

    /// A request that gets its slot at once.
    mutating func lease(for model: String? = nil, _ trail: PromptTrail? = nil, slots: Int = 1) throws -> Lease {
        try #require(submit(for: model, trail, slots: slots).lease)
    }

    mutating func leases(_ count: Int) throws -> [Lease] {
        try (0..<count).map { _ in try lease() }
    }

    /// A request that has to wait.
    @discardableResult
    mutating func queue(_ trail: PromptTrail? = nil, slots: Int = 1) throws -> QueueTicket {
        try #require(submit(for: nil, trail, slots: slots).ticket)
    }

    mutating func cancel(_ ticket: QueueTicket) -> Bool {
        leave(ticket).wasThere
    }

    mutating func leave(_ ticket: QueueTicket) -> (wasThere: Bool, decisions: [Decision]) {
        let (wasThere, decisions) = scheduler.cancel(ticket, at: now)
        check()
        return (wasThere, Array(decisions))
    }

    @discardableResult
    mutating func finish(_ lease: Lease, _ outcome: Outcome = .answered, use: ReportedUsage? = nil) -> [Decision] {
        decide { scheduler, now in scheduler.finished(lease, outcome, use: use, at: now) }
    }

    mutating func retry(_ lease: Lease, _ failure: Failure) -> (submission: Submission?, others: [Decision]) {
        let (submission, decisions) = scheduler.retry(lease, after: failure, at: now)
        check()
        return (submission, Array(decisions))
    }

    /// A request and its upstream ended together.
    mutating func died(_ lease: Lease) -> (submission: Submission?, others: [Decision]) {
        let (submission, decisions) = scheduler.serverDied(lease, at: now)
        check()
        return (submission, Array(decisions))
    }

    /// - Returns: nil if no server has more room.
    mutating func findRoom(_ lease: Lease, tokens: Int) -> (submission: Submission, others: [Decision])? {
        let result = scheduler.findRoom(lease, tokens: tokens, at: now)
        check()
        return result.map { ($0.0, Array($0.1)) }
    }

    mutating func stopAccepting() {
        scheduler.stopAccepting()
        check()
    }

    @discardableResult
    mutating func rejectAll() -> [Decision] {
        decide { scheduler, now in scheduler.rejectAll(at: now) }
    }

    private mutating func decide(_ body: (inout Scheduler, Instant) -> Decisions) -> [Decision] {
        let decisions = Array(body(&scheduler, now))
        check()
        return decisions
    }

    private func check() {
        #expect(scheduler.violations().isEmpty)
    }
}

extension Submission {
    var lease: Lease? {
        if case .dispatch(let lease) = self { lease } else { nil }
    }

    var ticket: QueueTicket? {
        if case .queued(let ticket) = self { ticket } else { nil }
    }

    var rejection: Rejection? {
        if case .reject(let rejection) = self { rejection } else { nil }
    }
}

extension [Decision] {
    var leases: [Lease] {
        compactMap { if case .dispatch(let lease) = $0 { lease } else { nil } }
    }

    /// The numbers of the requests that get a slot, in this order.
    var dispatched: [UInt64] { leases.map(\.request.rawValue) }

    /// The numbers of the requests that need no slot and are sent, in this order, and where.
    var sent: [String] {
        compactMap {
            if case .send(let request, _, let route) = $0 {
                "\(request.rawValue) to \(route.address.host)"
            } else {
                nil
            }
        }
    }

    var rejected: [UInt64] {
        compactMap { if case .reject(let request, _) = $0 { request.rawValue } else { nil } }
    }

    /// Agents that are told that nothing runs on their upstream.
    var drained: [String] {
        compactMap { if case .drained(let agent) = $0 { agent.rawValue } else { nil } }
    }

    /// Whose slots count as busy no longer, a number for each slot.
    var cooled: [UInt64] {
        compactMap { if case .cooled(let request) = $0 { request.rawValue } else { nil } }
    }

    /// What agents are to do with their models, such as `load a`.
    var wishes: [String] {
        compactMap { if case .wish(let wish, _, let agent) = $0 { "\(wish) \(agent.rawValue)" } else { nil } }
    }

    var polled: [String] {
        compactMap { if case .poll(let agent) = $0 { agent.rawValue } else { nil } }
    }
}
