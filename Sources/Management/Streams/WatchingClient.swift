import AccessControl

/// Whose watchers are counted together.
enum WatchingClient: Hashable, Sendable {
    /// A browser that is logged in, wherever it comes from: many may be behind one proxy.
    case session(String)
    /// nil: unknown.
    case address(IPAddress?)

    init(_ context: ManagementContext) {
        if case .session(let id) = context.caller.credential {
            self = .session(id)
        } else {
            self = .address(context.peer.client?.network)
        }
    }
}
