public import LlamaServer

/// What a request asks for, as far as that decides where it may go and where it goes best.
public struct RequestDemand: Equatable, Sendable {
    /// As the request names it; nil: it names none.
    public var model: String?
    /// The beginnings of its prompt; nil: wherever it goes, nothing of it lies there.
    public var trail: PromptTrail?

    public init(model: String? = nil, trail: PromptTrail? = nil) {
        self.model = model
        self.trail = trail
    }
}
