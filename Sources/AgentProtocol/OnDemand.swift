/// What a balancer must know of a llama-server to have it loaded and unloaded.
///
/// Whether it is loaded says the report's ``Condition``: `unloaded`, `loading`, `ready`. A server that is `unloaded` or
/// `failing` takes no memory. One that was told to unload is leaving (`is_leaving`) until nothing runs on it any more.
public struct OnDemand: Hashable, Sendable {
    /// Of its ``Host``'s memory, in bytes, while it runs.
    public var memoryBytes: Int
    /// How long loading took last; nil: it wasn't loaded yet.
    public var loadMilliseconds: Double?
    /// It is never unloaded for another model's sake.
    public var isPinned: Bool
    /// The last wish that the agent didn't follow.
    public var refusal: Refusal?

    /// Why an agent doesn't do what a balancer wishes.
    public struct Refusal: Hashable, Sendable, Codable {
        /// Grows by one with each.
        public var number: Int
        public var reason: String

        public init(number: Int, reason: String) {
            self.number = number
            self.reason = reason
        }
    }

    public init(memoryBytes: Int, loadMilliseconds: Double? = nil, isPinned: Bool = false, refusal: Refusal? = nil) {
        self.memoryBytes = memoryBytes
        self.loadMilliseconds = loadMilliseconds
        self.isPinned = isPinned
        self.refusal = refusal
    }

    func validate() throws(ReportError) {
        guard ReportLimits.bytes ~= memoryBytes else { throw .outOfRange("on_demand.memory_bytes", "\(memoryBytes)") }
        if let loadMilliseconds {
            try ReportLimits.check(milliseconds: loadMilliseconds, "on_demand.load_ms")
        }
        try ReportLimits.check(refusal?.reason, "on_demand.refusal.reason")
    }

    func fitted() -> OnDemand {
        var fitted = self
        fitted.memoryBytes = ReportLimits.bytes.clamp(memoryBytes)
        fitted.loadMilliseconds = loadMilliseconds.map(ReportLimits.milliseconds.clamp)
        fitted.refusal?.reason = ReportLimits.shortened(refusal?.reason ?? "")
        return fitted
    }
}

extension OnDemand: Codable {
    enum CodingKeys: String, CodingKey {
        case memoryBytes = "memory_bytes"
        case loadMilliseconds = "load_ms"
        case isPinned = "is_pinned"
        case refusal
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        memoryBytes = try container.decode(Int.self, forKey: .memoryBytes)
        loadMilliseconds = try container.decodeIfPresent(Double.self, forKey: .loadMilliseconds)
        isPinned = try container.decodeIfPresent(Bool.self, forKey: .isPinned) ?? false
        refusal = try container.decodeIfPresent(Refusal.self, forKey: .refusal)
    }
}
