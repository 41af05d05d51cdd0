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
    }

    private let state: Mutex<State>
    private let tell: @Sendable (AgentID, AgentNotice) -> Void

    /// What agents are to be told.
    public enum AgentNotice: Sendable {
        /// A fresh slot sample is wanted.
        case poll
        /// The agent is about to stop, and nothing runs on its upstream any more.
        case drained
    }

    /// - Parameter tell: called, on any thread and outside the lock, when there is something to be told to an agent.
    public init(
        configuration: Scheduler.Configuration,
        tell: @escaping @Sendable (AgentID, AgentNotice) -> Void
    ) {
        self.state = Mutex(State(scheduler: Scheduler(configuration: configuration)))
        self.tell = tell
    }

    /// The clock by which everything here is measured.
    public func now() -> Instant {
        Instant(.now())
    }

    // MARK: - The fleet

    /// Registers an upstream or updates it.
    public func reported(_ report: UpstreamReport) {
        decide { $0.reported(report, at: now()) }
    }

    /// An agent said goodbye, or its connection ended.
    public func agentLeft(_ agent: AgentID) {
        decide { $0.agentLeft(agent, at: now()) }
    }

    /// Sends nothing more to the upstream with this address, known or not, or does so again.
    public func setDraining(_ address: NetworkAddress, _ isDraining: Bool) {
        decide { isDraining ? $0.drain(address, at: now()) : $0.undrain(address, at: now()) }
    }

    /// A copy of the fleet and the queue for those who look on.
    public func snapshot() -> FleetSnapshot {
        state.withLock { $0.scheduler.snapshot(at: now()) }
    }

    /// The totals over the fleet: cheap enough for every health check.
    public func summary() -> FleetSummary {
        state.withLock { $0.scheduler.summary }
    }

    /// The totals together with how many requests wait.
    func load() -> (fleet: FleetSummary, queued: Int) {
        state.withLock { ($0.scheduler.summary, $0.scheduler.queuedCount) }
    }

    func knows(_ upstream: UpstreamID) -> Bool {
        state.withLock { $0.scheduler.knows(upstream) }
    }

    /// Lets time pass: deadlines, ejections, silent agents.
    ///
    /// - Returns: when something is due next, as far as is known now.
    func tick() -> Instant? {
        let now = now()
        let (decisions, next, loops) = state.withLock { state in
            let decisions = state.scheduler.tick(at: now)
            return (decisions, state.scheduler.nextTick, state.loops)
        }
        carryOut(decisions, on: loops)
        return next
    }

    /// What is known of the fleet stands, whatever becomes of its agents.
    func holdFleet() {
        state.withLock { $0.scheduler.holdFleet() }
    }

    // MARK: - Requests

    func submit(_ request: RequestID, at now: Instant) -> Submission {
        state.withLock { $0.scheduler.submit(request, at: now) }
    }

    /// - Returns: false when a dispatch is on its way already; the loop that gets it gives the lease back.
    func cancel(_ ticket: QueueTicket) -> Bool {
        let now = now()
        return state.withLock { $0.scheduler.cancel(ticket, at: now) }
    }

    func finished(_ lease: Lease, _ outcome: Outcome) {
        decide { $0.finished(lease, outcome, at: now()) }
    }

    /// - Returns: what becomes of the request; nil if the lease had ended before.
    func retry(_ lease: Lease, after failure: Failure) -> Submission? {
        let now = now()
        let (submission, decisions, loops) = state.withLock { state in
            let (submission, decisions) = state.scheduler.retry(lease, after: failure, at: now)
            return (submission, decisions, state.loops)
        }
        carryOut(decisions, on: loops)
        return submission
    }

    /// An upstream for a request that needs no slot.
    func freeUpstream(avoiding upstream: UpstreamID?) -> (UpstreamID, UpstreamRoute)? {
        state.withLock { $0.scheduler.freeUpstream(avoiding: upstream) }
    }

    func usableRoutes(limit: Int) -> [UpstreamRoute] {
        state.withLock { $0.scheduler.usableRoutes(limit: limit) }
    }

    /// A request that needs no slot could not be sent to this upstream.
    func connectFailed(_ upstream: UpstreamID) {
        decide { $0.connectFailed(upstream, at: now()) }
    }

    // MARK: - Starting and stopping

    func attach(_ loops: [LoopPort]) {
        state.withLock { $0.loops = loops }
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

    private func decide(_ body: (inout Scheduler) -> Decisions) {
        let (decisions, loops) = state.withLock { state in (body(&state.scheduler), state.loops) }
        carryOut(decisions, on: loops)
    }

    private func carryOut(_ decisions: Decisions, on loops: [LoopPort]) {
        // As a rule there are none, which an iterator takes 500 instructions to find out.
        guard !decisions.isEmpty else { return }
        for decision in decisions {
            switch decision {
            case .dispatch(let lease):
                loops[lease.request.loopIndex].dispatch(lease)
            case .reject(let request, let rejection):
                loops[request.loopIndex].reject(request, rejection)
            case .poll(let agent):
                tell(agent, .poll)
            case .drained(let agent):
                tell(agent, .drained)
            }
        }
    }
}

extension Instant {
    init(_ deadline: NIODeadline) {
        self.init(nanoseconds: Int64(deadline.uptimeNanoseconds))
    }
}

extension RequestID {
    /// The top 16 bits say whose loop the request lives on.
    init(loopIndex: Int, number: UInt64) {
        self.init(rawValue: UInt64(loopIndex) << 48 | number)
    }

    var loopIndex: Int { Int(rawValue >> 48) }
}
