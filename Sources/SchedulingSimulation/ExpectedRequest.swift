import Scheduling

/// A request that has not ended, as the clients and the shell know it.
struct ExpectedRequest {
    enum State {
        case queued(QueueTicket, since: Instant, deadline: Instant)
        case leased(Lease, server: Int, since: Instant, hasStarted: Bool)
    }

    let id: RequestID
    var state: State
    /// The sum of the waits before the present one.
    var waited = Duration.zero
    var attempts = 0
    var timesBrokenOff = 0
    var lastBrokenOffBy: Int?

    var isQueued: Bool {
        if case .queued = state { true } else { false }
    }
}
