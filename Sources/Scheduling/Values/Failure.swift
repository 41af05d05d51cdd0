/// How an attempt ended before the first byte of an answer.
public enum Failure: Sendable, CaseIterable {
    /// Nothing was sent.
    case connectFailed
    /// The upstream answered 503 ("Loading model") and nothing of it was relayed: not executed.
    case unavailable
    /// The connection ended after the request was sent: it may have been executed.
    case brokenOff
}
