/// What a server serves, and what may tell it from others that serve the same.
struct ServerKind: Hashable, Sendable {
    /// The names that it says; none: it doesn't say.
    var models: [String] = []
    var traits = ServerTraits()
}
