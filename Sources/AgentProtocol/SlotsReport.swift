/// A new sample of the slots; everything else is as the last report of the connection said.
public struct SlotsReport: Hashable, Sendable {
    /// On the agent's monotonic clock, which has a zero of its own.
    public var sentAtMilliseconds: Double
    public var slots: SlotSample

    public init(sentAtMilliseconds: Double, slots: SlotSample) {
        self.sentAtMilliseconds = sentAtMilliseconds
        self.slots = slots
    }

    /// Itself, if no count and no time in it is absurd.
    @discardableResult
    public func validated() throws(ReportError) -> SlotsReport {
        try ReportLimits.check(milliseconds: sentAtMilliseconds, "sent_at_ms")
        try slots.validate(sentAtMilliseconds: sentAtMilliseconds)
        return self
    }
}

/// On the wire the sample's fields stand beside the time: a balancer with thousands of agents reads little else.
extension SlotsReport: Codable {
    enum CodingKeys: String, CodingKey {
        case sentAtMilliseconds = "sent_at_ms"
    }

    public init(from decoder: any Decoder) throws {
        sentAtMilliseconds = try decoder.container(keyedBy: CodingKeys.self).decode(
            Double.self,
            forKey: .sentAtMilliseconds
        )
        slots = try SlotSample(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sentAtMilliseconds, forKey: .sentAtMilliseconds)
        try slots.encode(to: encoder)
    }
}
