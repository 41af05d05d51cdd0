import LlamaServer
import Scheduling

/// Which connection speaks for which agent.
///
/// An actor, so that what one connection does to the fleet is done before another one's turn: the end of an agent's
/// older connection never removes what its newer one has registered.
actor AgentRegistry {
    /// Tells the connections of one process apart.
    typealias ConnectionNumber = UInt64

    private struct Connection {
        let number: ConnectionNumber
        let outbox: AgentOutbox
    }

    private let fleet: any FleetControl
    private let messages: AgentMessages
    /// Bounded by ``ManagementServer/maximumConnections``.
    private var connections: [AgentID: Connection] = [:]
    private var lastNumber: ConnectionNumber = 0
    private var targets = RegisteredTargets()

    init(fleet: any FleetControl, messages: AgentMessages) {
        self.fleet = fleet
        self.messages = messages
    }

    /// From now on this connection speaks for the agent; an older one is ended.
    func register(_ agent: AgentID, outbox: AgentOutbox) -> ConnectionNumber {
        lastNumber += 1
        connections[agent]?.outbox.end()
        connections[agent] = Connection(number: lastNumber, outbox: outbox)
        messages.connect(agent, to: outbox)
        return lastNumber
    }

    /// Hands a report on, unless another connection speaks for the agent by now.
    func report(_ report: UpstreamReport, from number: ConnectionNumber) {
        guard connections[report.agent]?.number == number else { return }
        fleet.reported(report)
    }

    /// Takes the report of an agent that has no connection and leaves by falling silent, or by saying that its server has
    /// no slots: 0.10 has no other word for a goodbye. From now on no older connection speaks for it.
    ///
    /// - Returns: what is to be said about it.
    func registered(_ report: UpstreamReport, at now: Instant) -> RegisteredTargets.News {
        if let older = connections.removeValue(forKey: report.agent) {
            older.outbox.end()
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
        guard connections[agent]?.number == number else { return false }
        connections[agent] = nil
        messages.disconnect(agent)
        fleet.agentLeft(agent)
        return true
    }
}
