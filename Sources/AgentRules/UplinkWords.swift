package import AgentProtocol
package import LlamaServer

/// What one connection to a balancer of ours says, after `hello`: each sample once, and the rest when it has changed.
package struct UplinkWords: Sendable {
    /// The number of the last sample that this connection has carried.
    private var sample: Int?
    /// The last report that this connection has carried.
    private var said: StatusReport?
    /// How many leases of others this connection has told of last.
    private var othersSaid: Int?
    /// The seed of prompts that this connection has told of last.
    private var promptSeedSaid: PromptSeed?
    /// Whether it has said goodbye.
    package private(set) var isOver = false

    package init() {}

    /// - Parameter now: on the agent's clock.
    /// - Returns: nil when there is nothing to say.
    package mutating func message(_ saying: LinkNews.Saying, at now: Duration) -> AgentMessage? {
        guard !isOver else { return nil }
        switch saying {
        case .nothing:
            return nil
        case .status(let status, let isLeaving):
            let isNew = status.sample?.number != sample
            sample = status.sample?.number
            var report = status.report(sentAt: now, includingSample: isNew)
            report.isLeaving = isLeaving
            let message = report.message(after: said)
            said = report
            return message
        case .goodbye:
            isOver = true
            return .goodbye
        }
    }

    /// - Parameter others: how many leases other balancers have; nil: this one isn't told.
    /// - Returns: nil when there is nothing to say, or as long as nothing else was said of the server.
    package mutating func message(ofOthers others: Int?) -> AgentMessage? {
        guard !isOver, said != nil, let others, others != othersSaid else { return nil }
        othersSaid = others
        return .others(leases: others)
    }

    /// - Parameter seed: what the balancer is to hash prompts with; nil: what it does.
    /// - Returns: nil when there is nothing to say.
    package mutating func message(ofPromptSeed seed: PromptSeed?) -> AgentMessage? {
        guard !isOver, let seed, seed != promptSeedSaid else { return nil }
        promptSeedSaid = seed
        return .promptSeed(seed)
    }
}

extension StatusReport {
    /// The shortest message that says it to who has heard the other.
    fileprivate func message(after other: StatusReport?) -> AgentMessage {
        guard var other else { return .report(self) }
        other.slots = slots
        other.sentAtMilliseconds = sentAtMilliseconds
        guard self == other else { return .report(self) }
        guard let slots else { return .heartbeat }
        return .slots(SlotsReport(sentAtMilliseconds: sentAtMilliseconds, slots: slots))
    }
}
