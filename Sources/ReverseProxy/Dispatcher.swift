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
    let copy = Mutex(FleetCopy())
    /// Beside ``state``: few requests have a conversation's id.
    let conversations = Mutex(ConversationHolders())
    private let tell: @Sendable (AgentID, AgentNotice) -> Void
    private let onEvents: @Sendable ([FleetEvent]) -> Void
    let promptSeeding: PromptSeeding
    let sizesMatter = Atomic(false)
    /// What requests mean that name no model, where there are several.
    let defaultModel: String?

    /// What agents are to be told.
    public enum AgentNotice: Sendable {
        /// A fresh slot sample is wanted.
        case poll
        /// How many leases there are on its upstream has changed: ``Dispatcher/leases(of:)``.
        case leases
        /// What a request makes of the caches of its upstream is for its other balancers to know.
        case prompt(PromptNews)
        /// The agent is about to stop, and nothing runs on its upstream any more.
        case drained
        /// What is wished of its model.
        ///
        /// - Parameter isOrder: an operator wants it.
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
        promptSeeding = PromptSeeding(configuration.balance)
        self.onEvents = onEvents
    }

    /// The clock by which everything here is measured.
    public func now() -> Instant {
        Instant(.now())
    }

    /// Lets time pass: deadlines, ejections, silent agents.
    ///
    /// - Returns: when something is due next, as far as is known now.
    func tick() -> Instant? {
        decided { scheduler in
            let decisions = scheduler.tick(at: now())
            return (scheduler.nextTick, decisions)
        }
    }

    /// What is known of the fleet stands, whatever becomes of its agents.
    func holdFleet() {
        locked { $0.holdFleet() }
    }

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
    func learn(_ prefix: PathPrefix) {
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
        locked { $0.stopAccepting() }
    }

    /// Refuses what is left of the queue.
    func rejectAll() {
        decided { ((), $0.rejectAll(at: now())) }
    }

    // MARK: - The lock

    /// Asks the scheduler where nothing is to be carried out but what agents are told of leases and prompts.
    func locked<Result: Sendable>(_ body: (inout Scheduler) -> Result) -> Result {
        let (result, news, prompts) = state.withLock { state in
            let result = body(&state.scheduler)
            return (result, state.scheduler.takeLeaseNews(), state.scheduler.takePromptNews())
        }
        for agent in news { tell(agent, .leases) }
        for (agent, news) in prompts { tell(agent, .prompt(news)) }
        return result
    }

    /// Tells the scheduler something, and carries out what it decides when the lock is let go.
    @discardableResult
    func decided<Result: Sendable>(_ body: (inout Scheduler) -> (Result, Decisions?)) -> Result {
        let (result, decisions, loops, events, news, prompts) = state.withLock { state in
            let (result, decisions) = body(&state.scheduler)
            return (
                result, decisions, state.loops, state.scheduler.takeEvents(), state.scheduler.takeLeaseNews(),
                state.scheduler.takePromptNews()
            )
        }
        for agent in news { tell(agent, .leases) }
        for (agent, news) in prompts { tell(agent, .prompt(news)) }
        if let decisions { carryOut(decisions, on: loops) }
        if !events.isEmpty { onEvents(events) }
        return result
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
