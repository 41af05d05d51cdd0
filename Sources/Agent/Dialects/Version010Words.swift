import AgentProtocol
import AgentRules

/// What one conversation with a balancer of Paddler 0.10 says: each sample once.
struct Version010Words {
    private let silenceLimit: Duration
    private var lastSaidAt: Duration
    private var lastSample: Int?
    private var lastCondition: Condition?

    /// - Parameters:
    ///   - silenceLimit: after which something is said although there is no new sample.
    ///   - start: on the agent's clock.
    init(silenceLimit: Duration, since start: Duration) {
        self.silenceLimit = silenceLimit
        lastSaidAt = start
    }

    /// - Returns: nil when nothing is to be said now.
    mutating func report(
        _ status: ServerStatus,
        isLeaving: Bool,
        from agent: AgentIdentity,
        at now: Duration
    ) -> Version010Report? {
        let sample = status.sample
        let isOld =
            sample.map { $0.number == lastSample || now - $0.finishedAt > silenceLimit } ?? false
            && status.condition == .ready && !isLeaving
        if isOld, lastCondition == .ready || lastCondition == nil, now - lastSaidAt < silenceLimit { return nil }
        lastSaidAt = now
        lastSample = sample?.number
        lastCondition = status.condition
        return Version010Report(status, isLeaving: isLeaving, isLate: isOld, from: agent)
    }
}
