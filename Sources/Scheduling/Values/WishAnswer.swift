/// What comes of somebody's wish to have a model loaded or unloaded.
public enum WishAnswer: Hashable, Sendable {
    /// Those who can are asked.
    case asked
    /// It is as wished.
    case isSo
    /// Nobody loads and unloads it.
    case notOnDemand
    /// Nobody serves it.
    case unknown
}
