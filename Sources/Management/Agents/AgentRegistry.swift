import AgentReception
import LlamaServer
import Scheduling

/// Which connection speaks for which agent.
///
/// An actor, so that what one connection does to the fleet is done before another one's turn: the end of an agent's
/// older connection never removes what its newer one has registered.
actor AgentRegistry {
    typealias ConnectionNumber = SpeakingConnections.Number

    private let fleet: any FleetControl
    private let messages: AgentMessages
    /// Bounded by how many connections the management server accepts.
    private var outboxes: [AgentID: AgentOutbox] = [:]
    private var connections = SpeakingConnections()
    private var targets = RegisteredTargets()

    init(fleet: any FleetControl, messages: AgentMessages) {
        self.fleet = fleet
        self.messages = messages
    }

    /// From now on this connection speaks for the agent; an older one is ended.
    func register(_ agent: AgentID, outbox: AgentOutbox) -> ConnectionNumber {
        outboxes[agent]?.end()
        outboxes[agent] = outbox
        messages.connect(agent, to: outbox)
        return connections.register(agent)
    }

    /// Hands a report on, unless another connection speaks for the agent by now.
    func report(_ report: UpstreamReport, from number: ConnectionNumber) {
        guard connections.speaks(number, for: report.agent) else { return }
        fleet.reported(report)
    }

    /// Takes the report of an agent that has no connection and leaves by falling silent, or by saying that its server has
    /// no slots: 0.10 has no other word for a goodbye. From now on no older connection speaks for it.
    ///
    /// - Returns: what is to be said about it.
    func registered(_ report: UpstreamReport, at now: Instant) -> RegisteredTargets.News {
        if let older = outboxes.removeValue(forKey: report.agent) {
            connections.remove(report.agent)
            older.end()
            messages.disconnect(report.agent)
        }
        if report.condition == .ready, report.slots?.total == 0 {
            fleet.agentLeft(report.agent)
            return targets.left(report.agent)
        }
        fleet.reported(report)
        return targets.heard(report, at: now)
    }

    /// - Returns: false when another connection speaks for the agent: nothing has changed then.
    @discardableResult
    func leave(_ agent: AgentID, number: ConnectionNumber) -> Bool {
        guard connections.leave(agent, number: number) else { return false }
        outboxes[agent] = nil
        messages.disconnect(agent)
        fleet.agentLeft(agent)
        return true
    }
}
