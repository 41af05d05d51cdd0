/// Whether an upstream is left alone after failures, and until when.
struct Ejection: Sendable {
    /// nil: it isn't ejected.
    private(set) var until: Instant?
    /// Ejections without an answer in between.
    private(set) var inARow = 0
    /// Requests broken off without an answer in between.
    private(set) var brokenOffInARow = 0

    /// - Returns: whether this failure ejects it.
    mutating func failed(_ failure: Failure, at now: Instant, _ limits: SchedulerLimits) -> Bool {
        // The first of the leases that fail together has said it all; the others must not make it last longer. One that
        // is over, though nobody has looked at the time since, doesn't count.
        if let until, now < until { return false }
        switch failure {
        case .connectFailed, .unavailable, .refused: break
        case .brokenOff:
            brokenOffInARow += 1
            // One poisonous request must not take out a fleet.
            guard brokenOffInARow >= limits.brokenOffToEject else { return false }
        }
        let doublings = min(inARow, 62)
        let length = min(limits.ejectionFirst * (1 << Int64(doublings)), limits.ejectionLimit)
        inARow += 1
        until = now.advanced(by: length)
        return true
    }

    /// An answer says nothing about what made it fail before, so that time runs on; but the next one starts short.
    mutating func answered() {
        inARow = 0
        brokenOffInARow = 0
    }

    mutating func pass() {
        until = nil
    }

    /// The server was restarted.
    mutating func clear() {
        self = Ejection()
    }
}
