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
