public import LlamaServer
import NIOCore
public import Scheduling
import Synchronization

/// The scheduler's shell: one lock around the value, and the carrying out of what it decides.
///
/// Any thread may call it. Decisions are carried out after the lock is let go, each on the event loop of the connection
/// that it concerns.
public final class Dispatcher: Sendable {
    private struct State {
        var scheduler: Scheduler
        /// Indexed by the loop that a ``RequestID`` names.
        var loops: [LoopPort] = []
        /// What some upstream wants in front of each path, or once did.
        var pathPrefixes: Set<PathPrefix> = []
    }

    /// More than a fleet has. Behind those beyond, clients find nothing.
    private static let mostPathPrefixes = 64

    private let state: Mutex<State>
    /// Beside ``state``, so that no request waits while the fleet is copied.
    private let copy = Mutex(FleetCopy())
    /// Beside ``state``: few requests have a conversation's id.
    private let conversations = Mutex(ConversationHolders())
    private let tell: @Sendable (AgentID, AgentNotice) -> Void
    private let onEvents: @Sendable ([FleetEvent]) -> Void
    let promptReading: PromptReading
    private let sizesMatter = Atomic(false)
    /// What requests mean that name no model, where there are several.
    let defaultModel: String?

    /// What agents are to be told.
    public enum AgentNotice: Sendable {
        /// A fresh slot sample is wanted.
        case poll
        /// The agent is about to stop, and nothing runs on its upstream any more.
        case drained
        /// What is wished of its model.
        case wish(ModelWish, isOrder: Bool)
    }

    /// - Parameters:
    ///   - tell: called, on any thread and outside the lock, when there is something to be told to an agent.
    ///   - onEvents: called likewise with what became of the fleet.
    public init(
        configuration: Scheduler.Configuration,
        tell: @escaping @Sendable (AgentID, AgentNotice) -> Void,
        onEvents: @escaping @Sendable ([FleetEvent]) -> Void = { _ in }
    ) {
        self.state = Mutex(State(scheduler: Scheduler(configuration: configuration)))
        self.tell = tell
        defaultModel = configuration.defaultModel
        promptReading = PromptReading(configuration.balance, seed: .random(in: .min ... .max))
        self.onEvents = onEvents
    }

    /// The clock by which everything here is measured.
    public func now() -> Instant {
        Instant(.now())
    }

    // MARK: - The fleet

    /// Registers an upstream or updates it.
    ///
    /// - Returns: whether this agent is listened to.
    @discardableResult
    public func reported(_ report: UpstreamReport) -> Standing {
        if let prefix = report.route.pathPrefix { learn(prefix) }
        var standing = Standing.speaks
        decide { scheduler in
            let decisions = scheduler.reported(report, at: now())
            standing = scheduler.standing(of: report.agent)
            sizesMatter.store(scheduler.readsSizes, ordering: .relaxed)
            return decisions
        }
        return standing
    }

    /// Whether the scheduler wants to know how large prompts are; true for a moment longer, or from a moment later on.
    var readsSizes: Bool { sizesMatter.load(ordering: .relaxed) }

    /// An agent has gone.
    public func agentLeft(_ agent: AgentID, _ departure: Departure) {
        decide { $0.agentLeft(agent, departure, at: now()) }
    }

    /// An agent was refused before any report of it was handed on.
    public func refused(_ agent: AgentID?, of address: NetworkAddress?, reason: String) {
        decide { scheduler in
            scheduler.refused(agent, of: address, reason: reason, at: now())
            return nil
        }
    }

    /// An operator has seen that the upstream with this address is lost.
    ///
    /// - Returns: whether it was.
    public func ask(_ wish: ModelWish, of agent: AgentID) -> Bool {
        var isFollowed = false
        decide { scheduler in
            let decisions = scheduler.ask(wish, of: agent, at: now())
            isFollowed = decisions != nil
            return decisions
        }
        return isFollowed
    }

    public func forgetLost(_ address: NetworkAddress) -> Bool {
        var wasLost = false
        decide { scheduler in
            wasLost = scheduler.forgetLost(address, at: now())
            return nil
        }
        return wasLost
    }

    /// Sends nothing more to the upstream with this address, known or not, or does so again.
    public func setDraining(_ address: NetworkAddress, _ isDraining: Bool) {
        decide { isDraining ? $0.drain(address, at: now()) : $0.undrain(address, at: now()) }
    }

    /// What requests may call models from now on.
    public func setModelRules(_ rules: ModelRules) {
        decide { scheduler in
            scheduler.setModelRules(rules, at: now())
            return nil
        }
    }

    /// A copy of the fleet and the queue for those who look on.
    ///
    /// Taken in small parts, between which requests go on: what it says of two upstreams may be some microseconds apart.
    public func snapshot() -> FleetSnapshot {
        copy.withLock { copy in
            // What changes meanwhile is the next one's, unless there is room for it.
            var left = Int.max
            repeat {
                let changes = state.withLock { $0.scheduler.takeChanges(at: now()) }
                copy.apply(changes)
                left = min(left - FleetCopy.part, changes.left)
            } while left > 0
            return copy.snapshot ?? state.withLock { $0.scheduler.snapshot(at: now()) }
        }
    }

    /// The upstream with this address.
    public func upstream(at address: NetworkAddress) -> UpstreamSnapshot? {
        state.withLock { $0.scheduler.snapshot(of: address, at: now()) }
    }

    /// The upstream that this agent speaks for.
    public func upstream(of agent: AgentID) -> UpstreamSnapshot? {
        state.withLock { $0.scheduler.snapshot(of: agent, at: now()) }
    }

    /// What became of the fleet lately, oldest first.
    public func recentEvents() -> [FleetEvent] {
        state.withLock { $0.scheduler.events }
    }

    /// The totals over the fleet: cheap enough for every health check.
    public func summary() -> FleetSummary {
        state.withLock { $0.scheduler.summary }
    }

    /// The totals together with how many requests wait.
    func load() -> (fleet: FleetSummary, queued: Int) {
        state.withLock { ($0.scheduler.summary, $0.scheduler.queuedCount) }
    }

    /// When something was last seen to move in the slots of an upstream; nil: nothing is known.
    func lastMove(on upstream: UpstreamID) -> Instant? {
        state.withLock { $0.scheduler.lastMove(on: upstream) }
    }

    /// Those of `upstreams` that aren't registered any more.
    func unknown(of upstreams: some Sequence<UpstreamID>) -> [UpstreamID] {
        state.withLock { state in upstreams.filter { !state.scheduler.knows($0) } }
    }

    /// Lets time pass: deadlines, ejections, silent agents.
    ///
    /// - Returns: when something is due next, as far as is known now.
    func tick() -> Instant? {
        let now = now()
        let (decisions, next, loops, events) = state.withLock { state in
            let decisions = state.scheduler.tick(at: now)
            return (decisions, state.scheduler.nextTick, state.loops, state.scheduler.takeEvents())
        }
        carryOut(decisions, on: loops)
        if !events.isEmpty { onEvents(events) }
        return next
    }

    /// What is known of the fleet stands, whatever becomes of its agents.
    func holdFleet() {
        state.withLock { $0.scheduler.holdFleet() }
    }

    // MARK: - Requests

    func submit(_ request: RequestID, for demand: RequestDemand = RequestDemand(), at now: Instant) -> Submission {
        state.withLock { $0.scheduler.submit(request, for: demand, at: now) }
    }

    /// - Returns: false when a dispatch is on its way already; the loop that gets it gives the lease back.
    func cancel(_ ticket: QueueTicket) -> Bool {
        let now = now()
        let (wasThere, decisions, loops, events) = state.withLock { state in
            let (wasThere, decisions) = state.scheduler.cancel(ticket, at: now)
            return (wasThere, decisions, state.loops, state.scheduler.takeEvents())
        }
        carryOut(decisions, on: loops)
        if !events.isEmpty { onEvents(events) }
        return wasThere
    }

    /// - Parameter use: what the answer says of its prompt.
    /// - Returns: why the lease was of its upstream; nil if it had ended before.
    @discardableResult
    func finished(_ lease: Lease, _ outcome: Outcome, use: ReportedUsage? = nil) -> Choice? {
        var choice: Choice?
        decide { scheduler in
            choice = scheduler.choice(of: lease)
            return scheduler.finished(lease, outcome, use: use, at: now())
        }
        return choice
    }

    /// - Returns: what becomes of the request; nil if the lease had ended before.
    func retry(_ lease: Lease, after failure: Failure) -> Submission? {
        let now = now()
        let (submission, decisions, loops, events) = state.withLock { state in
            let (submission, decisions) = state.scheduler.retry(lease, after: failure, at: now)
            return (submission, decisions, state.loops, state.scheduler.takeEvents())
        }
        carryOut(decisions, on: loops)
        if !events.isEmpty { onEvents(events) }
        return submission
    }

    /// An upstream has just broken something off, and whether it is still there is being found out.
    func brokeOff(_ upstream: UpstreamID) {
        let now = now()
        state.withLock { $0.scheduler.brokeOff(upstream, at: now) }
    }

    /// A request and its upstream ended together.
    ///
    /// - Returns: what becomes of the request; nil if it has ended, since it may be why.
    func serverDied(_ lease: Lease) -> Submission? {
        var submission: Submission?
        decide { scheduler in
            let (own, decisions) = scheduler.serverDied(lease, at: now())
            submission = own
            return decisions
        }
        return submission
    }

    /// The same for a request that needs no slot.
    ///
    /// - Returns: whether the request may be why.
    func serverDied(_ upstream: UpstreamID, sentAt sent: Instant) -> Bool {
        var isSuspect = true
        decide { scheduler in
            let (mayBeWhy, decisions) = scheduler.serverDied(upstream, sentAt: sent, at: now())
            isSuspect = mayBeWhy
            return decisions
        }
        return isSuspect
    }

    /// A server has no room for a prompt of so many tokens.
    ///
    /// - Returns: what becomes of the request; nil if no other server has more: what that one said is the answer.
    func findRoom(_ lease: Lease, tokens: Int) -> Submission? {
        let now = now()
        let (result, loops, events) = state.withLock { state in
            let result = state.scheduler.findRoom(lease, tokens: tokens, at: now)
            return (result, state.loops, state.scheduler.takeEvents())
        }
        if let (_, decisions) = result { carryOut(decisions, on: loops) }
        if !events.isEmpty { onEvents(events) }
        return result?.0
    }

    /// A request that needs no slot.
    func submitSlotless(
        _ request: RequestID,
        for model: String? = nil,
        avoiding upstream: UpstreamID?,
        arrived: Instant
    ) -> SlotlessSubmission {
        let now = now()
        return state.withLock {
            $0.scheduler.submitSlotless(request, for: model, avoiding: upstream, arrived: arrived, at: now)
        }
    }

    /// What an upstream calls a model; nil: as it is called here.
    func name(of model: String?, at upstream: UpstreamID) -> String? {
        state.withLock { $0.scheduler.name(of: model, at: upstream) }
    }

    /// Aliases, each with the first of its models that is served.
    func servedAliases() -> [(alias: String, model: String)] {
        state.withLock { $0.scheduler.servedAliases }
    }

    /// Whether a request for this model would get it, and not the fleet's only one, which serves any name. Of a fleet that
    /// says no names nobody knows.
    func servesUnderName(_ model: String) -> Bool {
        let now = now()
        return state.withLock { state in
            guard state.scheduler.routesOfModels(limit: 0) == nil,
                !state.scheduler.servedAliases.contains(where: { $0.alias == model }),
                let only = state.scheduler.usableRoutes(limit: 1).first,
                let names = state.scheduler.snapshot(of: only.address, at: now)?.models
            else { return true }
            return names.isEmpty || names.contains(model)
        }
    }

    /// Models that are loaded on demand and can't be used now.
    func absentModels() -> [AbsentModel] {
        state.withLock { $0.scheduler.loadsOnDemand ? $0.scheduler.absentModels : [] }
    }

    var loadsOnDemand: Bool { state.withLock { $0.scheduler.loadsOnDemand } }

    /// Somebody wants a model loaded or unloaded, wherever that is.
    func ask(_ wish: ModelWish, for model: String) -> WishAnswer {
        var answer = WishAnswer.unknown
        decide { scheduler in
            let (what, decisions) = scheduler.ask(wish, for: model, at: now())
            answer = what
            return decisions
        }
        return answer
    }

    /// How one usable server of each model is reached.
    ///
    /// - Parameter limit: no more than these.
    /// - Returns: nil while the fleet serves one model.
    func routesOfModels(limit: Int) -> [UpstreamRoute]? {
        state.withLock { $0.scheduler.routesOfModels(limit: limit) }
    }

    /// - Returns: false when a decision about it is on its way already.
    func cancelSlotless(_ request: RequestID) -> Bool {
        state.withLock { $0.scheduler.cancelSlotless(request) }
    }

    func usableRoutes(limit: Int) -> [UpstreamRoute] {
        state.withLock { $0.scheduler.usableRoutes(limit: limit) }
    }

    /// How a server is reached that tells of itself for all, where they serve several models; nil: they don't, or none can be
    /// used.
    func routeForModels() -> UpstreamRoute? {
        state.withLock { $0.scheduler.routeForModels() }
    }

    /// A model for whoever may not use all and names none: the default one, or else the first that can be had now.
    ///
    /// - Parameter isAllowed: of a name, which may be an alias.
    func allowedModel(_ isAllowed: (String) -> Bool) -> AllowedModel {
        let known = state.withLock { $0.scheduler.knownNames }
        guard !known.isEmpty else { return .unknown }
        let names = known.filter(isAllowed)
        if let defaultModel, names.contains(defaultModel) { return .named(defaultModel) }
        let usable = state.withLock { state in
            names.first { state.scheduler.freeUpstream(avoiding: nil, for: $0) != nil }
        }
        return (usable ?? names.first).map(AllowedModel.named) ?? .none
    }

    /// How the least busy usable server of this model is reached; nil: there is none.
    func route(of model: String) -> UpstreamRoute? {
        state.withLock { $0.scheduler.freeUpstream(avoiding: nil, for: model)?.1 }
    }

    // MARK: - Why

    /// Why a request has its slot where it has; nil if it has none any more.
    func choice(of lease: Lease) -> Choice? {
        state.withLock { $0.scheduler.choice(of: lease) }
    }

    /// Why a request that needs no slot goes where the scheduler sends it.
    func choiceOfFree(for model: String?) -> Choice {
        state.withLock { $0.scheduler.choiceOfFree(for: model) }
    }

    func explanation(of demand: RequestDemand, on upstream: UpstreamID?, limit: Int) -> Explanation {
        let now = now()
        let outline = state.withLock { $0.scheduler.outline(of: demand, on: upstream, at: now) }
        let listed = outline.listed(limit: limit)
        return state.withLock { $0.scheduler.explanation(outline, of: listed, at: now) }
    }

    // MARK: - One particular upstream

    func upstreams(called word: String) -> [NamedUpstream] {
        state.withLock { $0.scheduler.upstreams(called: word) }
    }

    func namedUpstreams(of model: String?, limit: Int) -> [NamedUpstream] {
        state.withLock { $0.scheduler.namedUpstreams(of: model, limit: limit) }
    }

    func named(_ upstream: UpstreamID) -> NamedUpstream? {
        state.withLock { $0.scheduler.named(upstream) }
    }

    /// Its answer goes on at that upstream, with or without its client.
    func remember(_ conversation: [UInt8], on upstream: UpstreamID) {
        conversations.withLock { $0.remember(conversation, on: upstream) }
    }

    /// - Returns: nil if nothing is known of it, or its upstream is gone, or can't be asked.
    func holder(of conversation: [UInt8]) -> NamedUpstream? {
        guard let upstream = conversations.withLock({ $0.holder(of: conversation) }), let named = named(upstream) else {
            return nil
        }
        return named.isReady ? named : nil
    }

    func whyNobody(for model: String?) -> Rejection? {
        state.withLock { $0.scheduler.whyNobody(for: model) }
    }

    /// A request for a slot of the upstream that its client has named.
    func submit(
        _ request: RequestID,
        on upstream: UpstreamID,
        for demand: RequestDemand,
        at now: Instant
    ) -> Submission {
        state.withLock { $0.scheduler.submit(request, on: upstream, for: demand, at: now) }
    }

    /// A request that needs no slot could not be sent to this upstream.
    func connectFailed(_ upstream: UpstreamID) {
        decide { $0.connectFailed(upstream, at: now()) }
    }

    // MARK: - Starting and stopping

    func attach(_ loops: [LoopPort]) {
        let prefixes = state.withLock { state in
            state.loops = loops
            return state.pathPrefixes
        }
        for port in loops {
            for prefix in prefixes { port.learn(prefix) }
        }
    }

    /// Before requests go to its upstream.
    private func learn(_ prefix: PathPrefix) {
        let loops = state.withLock { state in
            guard state.pathPrefixes.count < Self.mostPathPrefixes, state.pathPrefixes.insert(prefix).inserted else {
                return [LoopPort]()
            }
            return state.loops
        }
        for port in loops { port.learn(prefix) }
    }

    /// New requests are refused from now on; those in the queue keep their chance.
    func stopAccepting() {
        state.withLock { $0.scheduler.stopAccepting() }
    }

    /// Refuses what is left of the queue.
    func rejectAll() {
        decide { $0.rejectAll(at: now()) }
    }

    // MARK: - Carrying out

    private func decide(_ body: (inout Scheduler) -> Decisions?) {
        let (decisions, loops, events) = state.withLock { state in
            (body(&state.scheduler), state.loops, state.scheduler.takeEvents())
        }
        if let decisions { carryOut(decisions, on: loops) }
        if !events.isEmpty { onEvents(events) }
    }

    private func carryOut(_ decisions: Decisions, on loops: [LoopPort]) {
        // As a rule there are none, which an iterator takes 500 instructions to find out.
        guard !decisions.isEmpty else { return }
        for decision in decisions {
            switch decision {
            case .dispatch(let lease):
                loops[lease.request.loopIndex].dispatch(lease)
            case .send(let request, let upstream, let route):
                loops[request.loopIndex].send(request, upstream, route)
            case .reject(let request, let rejection):
                loops[request.loopIndex].reject(request, rejection)
            case .cooled(let request):
                loops[request.loopIndex].cooled(request)
            case .poll(let agent):
                tell(agent, .poll)
            case .drained(let agent):
                tell(agent, .drained)
            case .wish(let wish, let isOrder, let agent):
                tell(agent, .wish(wish, isOrder: isOrder))
            }
        }
    }
}

extension Instant {
    init(_ deadline: NIODeadline) {
        self.init(nanoseconds: Int64(deadline.uptimeNanoseconds))
    }
}

extension Instant {
    var deadline: NIODeadline { .uptimeNanoseconds(UInt64(clamping: nanoseconds)) }
}

extension RequestID {
    /// The top 16 bits say whose loop the request lives on.
    init(loopIndex: Int, number: UInt64) {
        self.init(rawValue: UInt64(loopIndex) << 48 | number)
    }

    var loopIndex: Int { Int(rawValue >> 48) }
}
