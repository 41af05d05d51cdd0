import LlamaServer

/// What may tell a server from others of the same model.
struct ServerTraits: Hashable, Sendable {
    /// nil: it doesn't say.
    var role: ServerRole?
    /// Tokens per slot; nil: it doesn't say.
    var context: Int?
}
