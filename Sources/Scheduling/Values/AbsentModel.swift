/// A model that is loaded on demand, and that no server can be used for now.
public struct AbsentModel: Hashable, Sendable {
    /// Those that requests may ask for, the usual one first.
    public package(set) var names: [String]
    public package(set) var state: State

    public enum State: Hashable, Sendable {
        case unloaded
        case loading
        /// It couldn't be loaded last.
        case failed
    }
}
