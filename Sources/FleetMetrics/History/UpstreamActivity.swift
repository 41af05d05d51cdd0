/// What one upstream has done, and is doing.
public struct UpstreamActivity: Equatable, Sendable {
    /// Requests that it has answered since the balancer started, or since it was last unknown.
    public var answered = 0
    /// Tokens of its answers in that time.
    public var tokens = TokenCounts()
    /// Tokens generated a second, over the last ``FleetHistory/activityWindow`` seconds.
    public var tokensPerSecond = 0.0

    public init() {}

    /// The share of prompt tokens that were found in a cache, 0...1; nil before the first one.
    public var cacheHitRatio: Double? {
        let prompt = tokens.promptCached + tokens.promptComputed
        return prompt > 0 ? Double(tokens.promptCached) / Double(prompt) : nil
    }
}
