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
    private let isOwnListener: @Sendable (NetworkAddress) -> Bool
    /// Bounded by how many connections the management server accepts.
    private var outboxes: [AgentID: AgentOutbox] = [:]
    private var connections = SpeakingConnections()

    /// - Parameter isOwnListener: whether this balancer itself listens at an address.
    init(
        fleet: any FleetControl,
        messages: AgentMessages,
        isOwnListener: @escaping @Sendable (NetworkAddress) -> Bool = { _ in false }
    ) {
        self.fleet = fleet
        self.messages = messages
        self.isOwnListener = isOwnListener
    }

    /// From now on this connection speaks for the agent; an older one is ended.
    ///
    /// - Parameter log: of its server; nil: the connection is of a kind that has no word for it.
    func register(_ agent: AgentID, outbox: AgentOutbox, log: AgentLog? = nil) -> ConnectionNumber {
        outboxes[agent]?.end()
        outboxes[agent] = outbox
        messages.connect(agent, to: outbox, log: log)
        return connections.register(agent)
    }

    /// Hands a report on.
    ///
    /// - Returns: whether the agent is listened to; nil if another connection speaks for it by now.
    func report(_ report: UpstreamReport, from number: ConnectionNumber) -> Standing? {
        guard connections.speaks(number, for: report.agent) else { return nil }
        return heard(report)
    }

    /// The same of an event; nil if it is no report.
    @inline(never)
    func report(_ event: AgentConversation.Event, from number: ConnectionNumber) -> Standing? {
        guard case .reported(let report) = event else { return nil }
        return self.report(report, from: number)
    }

    /// Hands on what another balancer tells, if the event is that: what its requests make of the caches of the agent's upstream, and
    /// what it hashes prompts with. If its seed is the older one, all agents are told.
    @inline(never)
    func hear(_ event: AgentConversation.Event, of agent: AgentID, from number: ConnectionNumber) {
        guard connections.speaks(number, for: agent) else { return }
        switch event {
        case .prompt(let news): fleet.heard(news, of: agent)
        case .promptSeed(let seed): if fleet.adopt(seed) { messages.promptSeedChanged() }
        case .greeted, .reported, .left, .keyIgnored, .logged, .refused: break
        }
    }

    /// A request to an upstream that is this balancer would come back to it, again and again.
    private func heard(_ report: UpstreamReport) -> Standing {
        guard !isOwnListener(report.address) else {
            let objection = Standing.isBalancer
            fleet.refused(
                report.agent,
                of: report.address,
                reason: objection.text(for: report.address) ?? ""
            )
            return objection
        }
        return fleet.reported(report)
    }

    /// Takes the report of an agent that has no connection and leaves by falling silent, or by saying that its server has
    /// no slots: 0.10 has no other word for a goodbye. From now on no older connection speaks for it.
    ///
    /// - Returns: whether it is listened to.
    func registered(_ report: UpstreamReport) -> Standing {
        if let older = outboxes.removeValue(forKey: report.agent) {
            connections.remove(report.agent)
            older.end()
            messages.disconnect(report.agent)
        }
        if report.condition == .ready, report.slots?.total == 0 {
            fleet.agentLeft(report.agent, .goodbye)
            return .speaks
        }
        return heard(report)
    }

    /// - Returns: false when another connection speaks for the agent: nothing has changed then.
    @discardableResult
    func leave(_ agent: AgentID, _ departure: Departure, number: ConnectionNumber) -> Bool {
        guard connections.leave(agent, number: number) else { return false }
        outboxes[agent] = nil
        messages.disconnect(agent)
        fleet.agentLeft(agent, departure)
        return true
    }
}
