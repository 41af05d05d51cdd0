import Scheduling

/// What the model knows of an upstream's past.
struct UpstreamRecord {
    /// nil: the scheduler has never known it.
    private(set) var upstream: UpstreamID?
    private(set) var knownSince = Instant(nanoseconds: .min)
    /// Since when the same agent has spoken for it.
    var ownedSince = Instant(nanoseconds: .min)
    /// When the newest sample was taken, of those by the agent that speaks for it.
    var latestSample: Instant?
    /// When its last lease ended.
    var quietSince = Instant(nanoseconds: .min)
    /// Counts how often it may have come back from trouble.
    var lives = 0
    /// Without an answer in between.
    var ejectionsInARow = 0
    var brokenOffInARow = 0
    /// When the last slot began to cool, and when its agent was last asked for a sample.
    var lastCooling = Instant(nanoseconds: .min)
    var lastPoll = Instant(nanoseconds: .min)
    var attention = Attention.regular
    /// When it first broke something off, and hasn't answered since.
    private(set) var firstBreak: Instant?

    /// How its agent looks at it, as the scheduler has heard.
    enum Attention {
        case regular
        case resting
        /// It rested, and something has been sent there since.
        case wanted(since: Instant)

        mutating func used(at now: Instant) {
            if case .resting = self { self = .wanted(since: now) }
        }
    }

    /// One that was forgotten is another one when it comes back.
    mutating func meet(_ upstream: UpstreamID, at now: Instant) {
        guard upstream != self.upstream else { return }
        let lives = lives
        self = UpstreamRecord()
        self.upstream = upstream
        self.lives = lives + 1
        knownSince = now
    }

    mutating func cameBack() {
        lives += 1
        ejectionsInARow = 0
        brokenOffInARow = 0
        firstBreak = nil
    }

    mutating func answered(whatWasSentAt sent: Instant) {
        ejectionsInARow = 0
        brokenOffInARow = 0
        showedLife(at: sent)
    }

    mutating func brokeOff(at now: Instant) {
        firstBreak = firstBreak ?? now
    }

    mutating func showedLife(at sent: Instant) {
        if let broke = firstBreak, broke < sent { firstBreak = nil }
    }

    /// - Returns: how long this failure ejects the upstream, which isn't ejected; nil if it doesn't.
    mutating func failed(_ failure: Failure, _ configuration: Scheduler.Configuration) -> Duration? {
        if failure == .brokenOff {
            brokenOffInARow += 1
            guard brokenOffInARow >= configuration.brokenOffToEject else { return nil }
        }
        defer {
            ejectionsInARow += 1
            lives += 1
        }
        return min(configuration.ejectionFirst * (1 << min(ejectionsInARow, 20)), configuration.ejectionLimit)
    }
}
