/// How much a tenant may ask for in a time; nil each: any amount.
public struct TenantLimits: Equatable, Sendable {
    public var requestsPerMinute: Int?
    /// Of prompts and answers together.
    public var tokensPerMinute: Int?
    /// The same from one midnight, UTC, to the next.
    public var tokensPerDay: Int?

    public init(requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, tokensPerDay: Int? = nil) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.tokensPerDay = tokensPerDay
    }

    public var areNone: Bool { requestsPerMinute == nil && !countTokens }

    /// Whether it matters how many tokens a request costs.
    public var countTokens: Bool { tokensPerMinute != nil || tokensPerDay != nil }
}
