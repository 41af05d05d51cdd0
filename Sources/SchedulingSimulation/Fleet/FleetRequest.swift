import Scheduling

/// A request that has not ended, as its client and the shell know it.
struct FleetRequest {
    enum State {
        case queued(QueueTicket, since: Instant, deadline: Instant)
        case leased(Lease, server: Int, since: Instant, Progress)
    }

    enum Progress {
        /// On its way to the upstream.
        case sent
        /// The upstream has it.
        case running
        /// The client has the first byte of an answer.
        case answering
    }

    let id: RequestID
    var state: State
    var waited = Duration.zero
    var attempts = 0
    var lastBrokenOffBy: Int?
    var hasFirstByte = false
    /// By whose word it was sent where it is.
    var speaker: AgentID?

    var isQueued: Bool {
        if case .queued = state { true } else { false }
    }
}
