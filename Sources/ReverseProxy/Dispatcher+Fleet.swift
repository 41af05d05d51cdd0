public import LlamaServer
public import Scheduling
import Synchronization

// What agents and operators say of the fleet, and what is told of it.

extension Dispatcher {
    /// Registers an upstream or updates it.
    ///
    /// - Returns: whether this agent is listened to.
    @discardableResult
    public func reported(_ report: UpstreamReport) -> Standing {
        if let prefix = report.route.pathPrefix { learn(prefix) }
        return decided { scheduler in
            let decisions = scheduler.reported(report, at: now())
            sizesMatter.store(scheduler.readsSizes, ordering: .relaxed)
            return (scheduler.standing(of: report.agent), decisions)
        }
    }

    /// Whether the scheduler wants to know how large prompts are; true for a moment longer, or from a moment later on.
    var readsSizes: Bool { sizesMatter.load(ordering: .relaxed) }

    /// An agent has gone.
    public func agentLeft(_ agent: AgentID, _ departure: Departure) {
        decided { ((), $0.agentLeft(agent, departure, at: now())) }
    }

    /// How many slots of an agent's upstream requests of this balancer occupy.
    public func leases(of agent: AgentID) -> Int {
        locked { $0.leases(of: agent) }
    }

    /// A request of another balancer begins or ends at the upstream that this agent speaks for.
    public func heard(_ news: PromptNews, of agent: AgentID) {
        locked { $0.heard(news, of: agent) }
    }

    /// What prompts are hashed with; nil: nothing is made of them, and what others tell of theirs isn't to be heard.
    public var promptSeed: PromptSeed? { promptSeeding.seed }

    /// Prompts are hashed with this from now on, if it is older than what they are hashed with now.
    ///
    /// - Returns: whether it is.
    public func adopt(_ seed: PromptSeed) -> Bool {
        guard promptSeeding.adopt(seed) else { return false }
        locked { $0.forgetPrompts() }
        return true
    }

    /// An agent was refused before any report of it was handed on.
    public func refused(_ agent: AgentID?, of address: NetworkAddress?, reason: String) {
        decided { ($0.refused(agent, of: address, reason: reason, at: now()), nil) }
    }

    /// An operator wants a model loaded or unloaded; its agent decides.
    ///
    /// - Returns: false if nobody loads and unloads what this agent speaks for.
    public func ask(_ wish: ModelWish, of agent: AgentID) -> Bool {
        decided { scheduler in
            let decisions = scheduler.ask(wish, of: agent, at: now())
            return (decisions != nil, decisions)
        }
    }

    /// An operator has seen that the upstream with this address is lost.
    ///
    /// - Returns: whether it was.
    public func forgetLost(_ address: NetworkAddress) -> Bool {
        decided { ($0.forgetLost(address, at: now()), nil) }
    }

    /// Sends nothing more to the upstream with this address, known or not, or does so again.
    public func setDraining(_ address: NetworkAddress, _ isDraining: Bool) {
        decided { ((), isDraining ? $0.drain(address, at: now()) : $0.undrain(address, at: now())) }
    }

    /// What requests may call models from now on.
    public func setModelRules(_ rules: ModelRules) {
        decided { ($0.setModelRules(rules, at: now()), nil) }
    }

    /// A copy of the fleet and the queue for those who look on.
    ///
    /// Taken in small parts, between which requests go on: what it says of two upstreams may be some microseconds apart.
    public func snapshot() -> FleetSnapshot {
        copy.withLock { copy in
            // What changes meanwhile is the next one's, unless there is room for it.
            var left = Int.max
            repeat {
                let changes = locked { $0.takeChanges(at: now()) }
                copy.apply(changes)
                left = min(left - FleetCopy.part, changes.left)
            } while left > 0
            return copy.snapshot ?? locked { $0.snapshot(at: now()) }
        }
    }

    /// The fleet and the queue in numbers, without a copy of anything.
    public func totals() -> FleetTotals {
        locked { $0.totals() }
    }

    /// The upstream with this address.
    public func upstream(at address: NetworkAddress) -> UpstreamSnapshot? {
        locked { $0.snapshot(of: address, at: now()) }
    }

    /// The upstream that this agent speaks for.
    public func upstream(of agent: AgentID) -> UpstreamSnapshot? {
        locked { $0.snapshot(of: agent, at: now()) }
    }

    /// What became of the fleet lately, oldest first.
    public func recentEvents() -> [FleetEvent] {
        locked { $0.events }
    }

    /// The totals over the fleet: cheap enough for every health check.
    public func summary() -> FleetSummary {
        locked { $0.summary }
    }

    /// The totals together with how many requests wait.
    func load() -> (fleet: FleetSummary, queued: Int) {
        locked { ($0.summary, $0.queuedCount) }
    }

    /// When something was last seen to move in the slots of an upstream; nil: nothing is known.
    func lastMove(on upstream: UpstreamID) -> Instant? {
        locked { $0.lastMove(on: upstream) }
    }

    /// Those of `upstreams` that aren't registered any more.
    func unknown(of upstreams: some Sequence<UpstreamID>) -> [UpstreamID] {
        locked { scheduler in upstreams.filter { !scheduler.knows($0) } }
    }
}
