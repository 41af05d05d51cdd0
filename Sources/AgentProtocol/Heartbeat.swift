/// That an agent is there, and has nothing new to say.
public struct Heartbeat: Hashable, Sendable, Codable {
    /// On the agent's monotonic clock, which has a zero of its own.
    public var sentAtMilliseconds: Double

    public init(sentAtMilliseconds: Double) {
        self.sentAtMilliseconds = sentAtMilliseconds
    }

    /// Itself, if its time isn't absurd.
    @discardableResult
    public func validated() throws(ReportError) -> Heartbeat {
        try ReportLimits.check(milliseconds: sentAtMilliseconds, "sent_at_ms")
        return self
    }

    enum CodingKeys: String, CodingKey {
        case sentAtMilliseconds = "sent_at_ms"
    }
}
