/// How an attempt ended before the first byte of an answer.
public enum Failure: Sendable, CaseIterable {
    /// Nothing was sent.
    case connectFailed
    /// The upstream answered 503 ("Loading model") and nothing of it was relayed: not executed.
    case unavailable
    /// The upstream, or something in front of it, answered 503 for another reason: not executed, and perhaps due to the
    /// request. It counts against the upstream when another one answers the same request.
    case refused
    /// The connection ended after the request was sent: it may have been executed.
    case brokenOff
}
