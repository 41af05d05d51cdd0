/// What a server can have had of a request when its connection ended without a byte of a response.
public enum BrokenOff: Sendable {
    /// Nothing. A connection that was idle can be closed by llama-server, after 5 s, while the next request is on its way;
    /// nothing is wrong with the server then.
    case unread(wasIdle: Bool)
    /// Perhaps all of it: it may have been executed.
    case perhapsExecuted
}
