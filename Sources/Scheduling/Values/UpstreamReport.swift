public import LlamaServer

/// What an agent says of the llama-server that it watches.
public struct UpstreamReport: Equatable, Sendable {
    public var agent: AgentID
    public var name: String?
    /// Where requests are to be sent; this is what identifies an upstream.
    public var address: NetworkAddress
    public var condition: Condition
    /// nil: there is no new sample in this report, and what was known still holds.
    public var slots: SlotSample?
    public var isSleeping: Bool
    public var models: [String]
    /// Tokens per slot.
    public var contextSize: Int?
    public var build: String?
    /// An agent that says nothing for longer is taken for gone.
    public var maximumSilence: Duration

    public init(
        agent: AgentID,
        name: String? = nil,
        address: NetworkAddress,
        condition: Condition,
        slots: SlotSample? = nil,
        isSleeping: Bool = false,
        models: [String] = [],
        contextSize: Int? = nil,
        build: String? = nil,
        maximumSilence: Duration
    ) {
        self.agent = agent
        self.name = name
        self.address = address
        self.condition = condition
        self.slots = slots
        self.isSleeping = isSleeping
        self.models = models
        self.contextSize = contextSize
        self.build = build
        self.maximumSilence = maximumSilence
    }
}
