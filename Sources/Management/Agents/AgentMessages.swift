import AgentReception
public import LlamaServer
public import Scheduling
import Synchronization

/// Carries what the scheduler has to say to agents to their connections. Any thread may call it.
public final class AgentMessages: Sendable {
    /// At most one entry for each connection: bounded by how many connections the management server accepts.
    private let outboxes = Mutex<[AgentID: AgentOutbox]>([:])
    private let logs = Mutex(Logs())

    private struct Logs {
        /// As many as there are outboxes.
        var byAgent: [AgentID: AgentLog] = [:]
        /// Agents that tell theirs.
        var told: Set<AgentID> = []
        var readers = 0
    }

    /// Of all logs together: each costs as much as an agent that reports ten times a second.
    static let mostLogReaders = 32

    public init() {}

    /// Asks an agent for a fresh sample; a demand that it has not been sent yet covers this one too.
    public func demandPoll(_ agent: AgentID) {
        outboxes.withLock { $0[agent] }?.demandPoll()
    }

    /// Tells an agent how many leases there are on its upstream, if that isn't what it was told last.
    public func leasesChanged(of agent: AgentID) {
        outboxes.withLock { $0[agent] }?.leasesChanged()
    }

    /// Tells an agent what a request makes of the caches of its upstream.
    public func tell(_ news: PromptNews, to agent: AgentID) {
        outboxes.withLock { $0[agent] }?.tell(news)
    }

    /// Tells all agents that pass it on what prompts are hashed with from now on.
    func promptSeedChanged() {
        for outbox in outboxes.withLock({ Array($0.values) }) { outbox.promptSeedChanged() }
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

    func connect(_ agent: AgentID, to outbox: AgentOutbox, log: AgentLog?) {
        outboxes.withLock { $0[agent] = outbox }
        let former = logs.withLock { logs in
            if log?.ability == .told { logs.told.insert(agent) } else { logs.told.remove(agent) }
            defer { logs.byAgent[agent] = log }
            return logs.byAgent[agent]
        }
        former?.end()
    }

    func disconnect(_ agent: AgentID) {
        outboxes.withLock { $0[agent] = nil }
        let former = logs.withLock { logs in
            logs.told.remove(agent)
            return logs.byAgent.removeValue(forKey: agent)
        }
        former?.end()
    }

    // MARK: - Logs of their servers

    /// Agents that can be asked for the log of their server.
    var agentsThatTellLogs: Set<AgentID> { logs.withLock { $0.told } }

    enum LogOpening {
        case opened(AgentLogReader)
        /// The agent doesn't run its server.
        case notKept
        /// The agent knows no such question.
        case unknown
        /// So many read already.
        case tooMany(Int)
    }

    func openLog(of agent: AgentID) -> LogOpening {
        guard let log = logs.withLock({ $0.byAgent[agent] }) else { return .unknown }
        switch log.ability {
        case .unknown: return .unknown
        case .notKept: return .notKept
        case .told: return open(log)
        }
    }

    private func open(_ log: AgentLog) -> LogOpening {
        let isFree = logs.withLock { logs in
            guard logs.readers < Self.mostLogReaders else { return false }
            logs.readers += 1
            return true
        }
        guard isFree else { return .tooMany(Self.mostLogReaders) }
        let giveBack: @Sendable () -> Void = { [weak self] in self?.logs.withLock { $0.readers -= 1 } }
        if let reader = log.open(onEnd: giveBack) { return .opened(reader) }
        giveBack()
        return .tooMany(LogReaders.most)
    }
}
