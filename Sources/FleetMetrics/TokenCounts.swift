/// Tokens, as llama-server counts them.
public struct TokenCounts: Equatable, Sendable {
    /// Tokens of prompts that were computed.
    public var promptComputed = 0
    /// Tokens of prompts that were found in a cache.
    public var promptCached = 0
    public var generated = 0

    public init(promptComputed: Int = 0, promptCached: Int = 0, generated: Int = 0) {
        self.promptComputed = promptComputed
        self.promptCached = promptCached
        self.generated = generated
    }

    public mutating func add(_ other: TokenCounts) {
        promptComputed &+= other.promptComputed
        promptCached &+= other.promptCached
        generated &+= other.generated
    }

    /// What has come since an earlier reading of the same counts.
    func since(_ earlier: TokenCounts) -> TokenCounts {
        TokenCounts(
            promptComputed: promptComputed &- earlier.promptComputed,
            promptCached: promptCached &- earlier.promptCached,
            generated: generated &- earlier.generated
        )
    }
}
