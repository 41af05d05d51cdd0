public import LlamaServer

/// What a request asks for, as far as that decides where it may go and where it goes best.
public struct RequestDemand: Equatable, Sendable {
    /// As the request names it; nil: it names none.
    public var model: String?
    /// The beginnings of its prompt; nil: wherever it goes, nothing of it lies there.
    public var trail: PromptTrail?
    /// Whether that stands for the request's session, and not for the text of its prompt.
    public var isOfSession = false
    /// How many slots it takes, at least 1: all of a server that has fewer.
    public var slots: Int
    /// How many of them only together, at least 1: a server with fewer refuses the request at once.
    public var answers: Int
    /// What its endpoint is for.
    public var work: ServerRole
    public var size: PromptSize
    /// Whose it is; nil: nobody's in particular, and it shares with nobody.
    public var terms: TenantTerms?
    /// The rank of its class: the lower, the sooner it is served; 0 ... ``mostPriority``.
    public var priority: UInt8 = 0

    public static let mostPriority: UInt8 = 15

    /// How many slots it takes at a server that has so many. Of a server without enough for its answers one is enough: it is
    /// refused there at once.
    public func slots(of total: Int) -> Int {
        answers > max(1, total) ? 1 : min(slots, max(1, total))
    }

    public init(
        model: String? = nil,
        trail: PromptTrail? = nil,
        slots: Int = 1,
        answers: Int = 1,
        work: ServerRole = .completions,
        size: PromptSize = PromptSize()
    ) {
        self.work = work
        self.size = size
        self.model = model
        self.trail = trail
        self.slots = max(1, slots)
        self.answers = max(1, answers)
    }
}
