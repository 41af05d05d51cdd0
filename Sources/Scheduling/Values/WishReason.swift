/// Why a model is to be loaded or unloaded.
public enum WishReason: Hashable, Sendable {
    /// Requests wait for it.
    case awaited
    /// Requests wait for another one, and nobody uses it.
    case room
    /// Requests for another one have waited long enough.
    case turn
    /// It loads, and nobody waits for it any more.
    case abandoned
    /// An operator wants it so.
    case asked
}
