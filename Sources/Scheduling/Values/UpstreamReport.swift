public import LlamaServer

/// What an agent says of the llama-server that it watches.
public struct UpstreamReport: Equatable, Sendable {
    public var agent: AgentID
    public var name: String?
    /// Where and how requests are to be sent; the address is what identifies an upstream.
    public var route: UpstreamRoute
    public var condition: Condition
    /// nil: there is no new sample in this report, and what was known still holds.
    public var slots: SlotSample?
    public var isSleeping: Bool
    /// The agent is about to stop: nothing more is to be sent. The decision `drained` follows, once or more often, when
    /// nothing is left running.
    public var isLeaving: Bool
    public var models: [String]
    /// What it was started for; nil: nobody says.
    public var role: ServerRole?
    /// Tokens per slot.
    public var contextSize: Int?
    public var build: String?
    /// How many times as much it may be given as a server of weight 1.
    public var weight: Int
    /// Whether the agent has other balancers, and wants to know how many leases this one has: it is told by ``Scheduler/takeLeaseNews()``.
    public var sharesLeases: Bool
    /// Whether the agent tells its other balancers of the prompts of this one's requests: it is told by
    /// ``Scheduler/takePromptNews()``.
    public var sharesPrompts: Bool
    /// How many leases other balancers have there, as they tell.
    public var others: Int
    /// nil: nobody loads and unloads it.
    public var onDemand: OnDemand?
    /// Of its machine.
    public var accelerators: [Accelerator]
    /// An agent that says nothing for longer is taken for gone.
    public var maximumSilence: Duration
    /// After how long a silence it is forgotten; nil: after ``Scheduler/Configuration/silencesToForget`` times the above.
    public var forgottenAfter: Duration?

    public var address: NetworkAddress { route.address }

    public init(
        agent: AgentID,
        name: String? = nil,
        route: UpstreamRoute,
        condition: Condition,
        slots: SlotSample? = nil,
        isSleeping: Bool = false,
        isLeaving: Bool = false,
        models: [String] = [],
        role: ServerRole? = nil,
        contextSize: Int? = nil,
        build: String? = nil,
        weight: Int = 1,
        sharesLeases: Bool = false,
        sharesPrompts: Bool = false,
        others: Int = 0,
        onDemand: OnDemand? = nil,
        accelerators: [Accelerator] = [],
        maximumSilence: Duration,
        forgottenAfter: Duration? = nil
    ) {
        self.agent = agent
        self.name = name
        self.route = route
        self.condition = condition
        self.slots = slots
        self.isSleeping = isSleeping
        self.isLeaving = isLeaving
        self.models = models
        self.role = role
        self.contextSize = contextSize
        self.build = build
        self.weight = weight
        self.sharesLeases = sharesLeases
        self.sharesPrompts = sharesPrompts
        self.others = others
        self.onDemand = onDemand
        self.accelerators = accelerators
        self.maximumSilence = maximumSilence
        self.forgottenAfter = forgottenAfter
    }
}
