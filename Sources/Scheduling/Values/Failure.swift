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

    /// Whether the request's tenant is charged for the slot's time. It isn't the request's doing if nothing was sent, or the
    /// server wasn't ready; for all else it is, or whoever sends what servers refuse, or don't survive, would have more than
    /// its share.
    var isCharged: Bool {
        switch self {
        case .refused, .brokenOff: true
        case .connectFailed, .unavailable: false
        }
    }
}
