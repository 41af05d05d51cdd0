public import Scheduling
import Synchronization

/// Carries what the scheduler has to say to agents to their connections. Any thread may call it.
public final class AgentMessages: Sendable {
    /// At most one entry for each connection: bounded by how many connections the management server accepts.
    private let outboxes = Mutex<[AgentID: AgentOutbox]>([:])

    public init() {}

    /// Asks an agent for a fresh sample; a demand that it has not been sent yet covers this one too.
    public func demandPoll(_ agent: AgentID) {
        outboxes.withLock { $0[agent] }?.demandPoll()
    }

    /// Tells an agent that is about to stop that nothing runs on its upstream any more.
    public func tellDrained(_ agent: AgentID) {
        outboxes.withLock { $0[agent] }?.tellDrained()
    }

    /// Tells an agent what is wished of its model.
    ///
    /// - Parameter isOrder: an operator wants it.
    public func wish(_ wish: ModelWish, isOrder: Bool, of agent: AgentID) {
        outboxes.withLock { $0[agent] }?.wish(wish, isOrder: isOrder)
    }

    /// Tells an agent something for its log.
    public func notice(_ text: String, to agent: AgentID) {
        outboxes.withLock { $0[agent] }?.notify(text)
    }

    /// Tells the agent that speaks for an upstream that another one claims it.
    public func tellOwner(of event: FleetEvent) {
        guard case .conflict(let claimant, let name) = event.kind, let owner = event.agent else { return }
        let words = name.map { "\($0) (\(claimant))" } ?? "\(claimant)"
        notice(
            "another agent, \(words), says that it speaks for \(event.address.map { "\($0)" } ?? "this upstream"), too, and "
                + "waits; if it watches another server, its --external-llamacpp-addr is wrong, or this one's is",
            to: owner
        )
    }

    func connect(_ agent: AgentID, to outbox: AgentOutbox) {
        outboxes.withLock { $0[agent] = outbox }
    }

    func disconnect(_ agent: AgentID) {
        outboxes.withLock { $0[agent] = nil }
    }
}
