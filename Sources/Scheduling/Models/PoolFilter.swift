import LlamaServer

/// Which servers of a model a request may go to, of several that differ.
struct PoolFilter: Hashable, Sendable {
    /// nil: whatever a server was started for.
    var work: ServerRole?
    /// At least so many tokens per slot.
    var context = 0

    /// Servers that don't say what they are may be anything.
    func admits(_ server: ServerTraits) -> Bool {
        let isRight = work == nil || server.role == nil || server.role == work
        return isRight && server.context ?? .max >= context
    }
}
