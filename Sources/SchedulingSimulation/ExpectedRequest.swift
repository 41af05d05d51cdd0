import Scheduling

/// A request that has not ended, as the clients and the shell know it.
struct ExpectedRequest {
    enum State {
        case queued(QueueTicket, since: Instant, deadline: Instant)
        case leased(Lease, server: Int, since: Instant, hasStarted: Bool)
    }

    let id: RequestID
    var demand: RequestDemand
    var state: State
    /// What it may get, if it names an alias, and what it asks for now.
    var choice: ExpectedChoice?
    /// The sum of the waits before the present one.
    var waited = Duration.zero
    var attempts = 0
    /// When it last got a slot.
    var leasedAt = Instant(nanoseconds: 0)
    /// Its client has chosen the server: it runs there, idle slot or not, or nowhere.
    var isNamed = false
    var timesBrokenOff = 0
    var lastBrokenOffBy: Int?
    /// nil: it may go anywhere, or whether it may can't be said.
    var avoided: Avoided?
    /// Its time was up when it came back to the queue, and it got another moment.
    var hadLastChance = false
    /// How often in a row one that came later has got a slot that this one could have used.
    var passes = 0

    /// Since when, at each tick, a slot was idle that it could have had, while it was held for another upstream.
    var idleBesideSince: Instant?

    struct Avoided {
        var upstream: UpstreamID
        /// Which of the upstream's lives it was.
        var life: Int
    }

    var model: String? { demand.model }

    var isQueued: Bool {
        if case .queued = state { true } else { false }
    }
}
