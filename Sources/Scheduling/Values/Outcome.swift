/// How a lease ended for good.
public enum Outcome: Equatable, Sendable {
    /// The whole answer was relayed, whatever its status.
    case answered
    /// The answer was malformed or broken off in the middle: the slot is free, and nothing is tried again. Counts
    /// against the upstream as ``Failure/brokenOff`` does.
    case failed
    /// The answer did not begin, or not go on, in time. As ``failed``, but llama-server may still be at it: the slot stays
    /// counted until a sample shows it idle.
    case timedOut
    /// As ``failed``, but the upstream is gone since, as far as anybody can see: it is ejected at once.
    case serverDied
    /// The request was not sent, for a reason that says nothing of the upstream: the balancer had no descriptor left.
    case unsent
    /// The client went away. If llama-server may not have noticed, the slot stays counted until a sample shows it idle.
    case clientLeft(runsOn: RunsOn)

    /// Whether the slots stay counted as busy after the lease, until ``Decision/cooled(_:)`` has told of each.
    public var leavesSlotsBusy: Bool {
        switch self {
        case .timedOut, .clientLeft(runsOn: .briefly), .clientLeft(runsOn: .untilItLooks): true
        case .answered, .failed, .serverDied, .unsent, .clientLeft(runsOn: .no): false
        }
    }

    /// Whether the server has read the prompt, as far as anybody can say, and goes on with what it has.
    var leavesPrompt: Bool {
        switch self {
        case .answered, .failed, .timedOut, .clientLeft: true
        case .serverDied, .unsent: false
        }
    }
}

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
