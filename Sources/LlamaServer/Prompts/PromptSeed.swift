/// What prompts are hashed with, unknown to clients: who knew it could make prompts that are taken for others.
///
/// Hashes mean something to those alone who have the same one. Of several, the oldest is taken by all.
public struct PromptSeed: Hashable, Comparable, Sendable {
    public let value: UInt64
    /// When it was made, in milliseconds since 1970 by the clock of who made it.
    public let madeAt: Int64

    public init(value: UInt64, madeAt: Int64) {
        self.value = value
        self.madeAt = madeAt
    }

    /// The older one is less.
    public static func < (one: PromptSeed, other: PromptSeed) -> Bool {
        (one.madeAt, one.value) < (other.madeAt, other.value)
    }
}
