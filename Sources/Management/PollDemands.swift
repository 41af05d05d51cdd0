public import Scheduling
import Synchronization

/// Carries the scheduler's wishes for fresh samples to the agents' connections. Any thread may call it.
public final class PollDemands: Sendable {
    /// At most one entry for each connection: bounded by ``ManagementServer/maximumConnections``.
    private let outboxes = Mutex<[AgentID: AgentOutbox]>([:])

    public init() {}

    /// Asks an agent for a fresh sample; a demand that it has not been sent yet covers this one too.
    public func demand(_ agent: AgentID) {
        outboxes.withLock { $0[agent] }?.demandPoll()
    }

    func connect(_ agent: AgentID, to outbox: AgentOutbox) {
        outboxes.withLock { $0[agent] = outbox }
    }

    func disconnect(_ agent: AgentID) {
        outboxes.withLock { $0[agent] = nil }
    }
}
