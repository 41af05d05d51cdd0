/// For how long a llama-server may go on with a request after the connection on which it came was closed.
public enum RunsOn: Equatable, Sendable {
    /// It never began, or has ended.
    case no
    /// Until its next token, which it can't send any more.
    case briefly
    /// Until it looks whether its client is still there. It does so only when for a whole second no task of any kind
    /// has given a result, which a look at its slots does and each token of other streams.
    case untilItLooks
}
