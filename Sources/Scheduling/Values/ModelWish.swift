/// What a balancer wants of an agent that loads and unloads its model.
public enum ModelWish: Hashable, Sendable {
    case load
    /// As soon as nothing runs there.
    case unload
}
