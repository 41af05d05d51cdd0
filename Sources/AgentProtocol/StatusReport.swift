public import LlamaServer

/// How a llama-server is, as its agent sees it.
public struct StatusReport: Hashable, Sendable {
    /// On the agent's monotonic clock, which has a zero of its own.
    public var sentAtMilliseconds: Double
    public var condition: Condition
    /// A sample of the slots, when there is one that this connection hasn't carried yet.
    public var slots: SlotSample?
    /// The model was unloaded after idling: the next request pays for loading it.
    public var isSleeping: Bool
    /// The agent is about to stop: its llama-server is to get nothing more, and the agent waits for `drained`.
    public var isLeaving: Bool
    /// Names under which requests may ask for what the server serves.
    public var models: [String]
    /// What it was started for; nil: that isn't known.
    public var role: ServerRole?
    /// Tokens per slot.
    public var contextSize: Int?
    /// llama.cpp's build.
    public var build: String?
    /// nil: nobody loads and unloads it.
    public var onDemand: OnDemand?
    /// Of the machine; nil: nothing is known of any.
    public var accelerators: [Accelerator]?

    public init(
        sentAtMilliseconds: Double,
        condition: Condition,
        slots: SlotSample? = nil,
        isSleeping: Bool = false,
        isLeaving: Bool = false,
        models: [String] = [],
        role: ServerRole? = nil,
        contextSize: Int? = nil,
        build: String? = nil,
        onDemand: OnDemand? = nil,
        accelerators: [Accelerator]? = nil
    ) {
        self.sentAtMilliseconds = sentAtMilliseconds
        self.condition = condition
        self.slots = slots
        self.isSleeping = isSleeping
        self.isLeaving = isLeaving
        self.models = models
        self.role = role
        self.contextSize = contextSize
        self.build = build
        self.onDemand = onDemand
        self.accelerators = accelerators
    }

    /// Itself, if no count, time or text in it is absurd.
    @discardableResult
    public func validated() throws(ReportError) -> StatusReport {
        try ReportLimits.check(milliseconds: sentAtMilliseconds, "sent_at_ms")
        if let slots { try slots.validate(sentAtMilliseconds: sentAtMilliseconds) }
        try condition.validate()
        guard models.count <= ReportLimits.models else { throw .outOfRange("models", "\(models.count) entries") }
        guard models.reduce(0, { $0 + $1.utf8.count }) <= ReportLimits.modelBytes else {
            throw .textTooLong("models", limit: ReportLimits.modelBytes)
        }
        if let contextSize, !(ReportLimits.contextSize ~= contextSize) {
            throw .outOfRange("context_size", "\(contextSize)")
        }
        try ReportLimits.check(build, "build")
        try onDemand?.validate()
        if let accelerators {
            guard accelerators.count <= ReportLimits.accelerators else {
                throw .outOfRange("accelerators", "\(accelerators.count) entries")
            }
            for one in accelerators { try one.validate() }
        }
        return self
    }

    /// Itself with what came from a llama-server cut down to what `validated()` lets pass: names that don't fit are
    /// left out, texts shortened, counts clamped.
    public func fitted() -> StatusReport {
        var fitted = self
        fitted.condition = condition.fitted()
        if let slots {
            fitted.slots?.total = ReportLimits.slots.clamp(slots.total)
            fitted.slots?.processing = (0...ReportLimits.slots.clamp(slots.total)).clamp(slots.processing)
            fitted.slots?.others = slots.others.map(ReportLimits.slots.clamp)
        }
        var bytesLeft = ReportLimits.modelBytes
        fitted.models = models.prefix(ReportLimits.models).filter { model in
            guard model.utf8.count <= bytesLeft else { return false }
            bytesLeft -= model.utf8.count
            return true
        }
        fitted.contextSize = contextSize.map(ReportLimits.contextSize.clamp)
        fitted.build = build.map { ReportLimits.shortened($0) }
        fitted.onDemand = onDemand?.fitted()
        fitted.accelerators = accelerators.map(Accelerator.fitting)
        return fitted
    }
}

extension StatusReport: Codable {
    enum CodingKeys: String, CodingKey {
        case sentAtMilliseconds = "sent_at_ms"
        case condition
        case slots
        case isSleeping = "is_sleeping"
        case isLeaving = "is_leaving"
        case models
        case role
        case contextSize = "context_size"
        case build
        case onDemand = "on_demand"
        case accelerators
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        sentAtMilliseconds = try container.decode(Double.self, forKey: .sentAtMilliseconds)
        condition = try container.decode(Condition.self, forKey: .condition)
        slots = try container.decodeIfPresent(SlotSample.self, forKey: .slots)
        isSleeping = try container.decodeIfPresent(Bool.self, forKey: .isSleeping) ?? false
        isLeaving = try container.decodeIfPresent(Bool.self, forKey: .isLeaving) ?? false
        models = try container.decodeIfPresent([String].self, forKey: .models) ?? []
        // What later agents may call it is as good as nothing.
        role = try container.decodeIfPresent(String.self, forKey: .role).flatMap(ServerRole.init)
        contextSize = try container.decodeIfPresent(Int.self, forKey: .contextSize)
        build = try container.decodeIfPresent(String.self, forKey: .build)
        onDemand = try container.decodeIfPresent(OnDemand.self, forKey: .onDemand)
        // No server is less usable for what a later agent may say of its machine.
        accelerators = try? container.decodeIfPresent([Accelerator].self, forKey: .accelerators)
    }
}
