import Scheduling

/// The last time in which nothing moved in a server, because it stood still or hung.
struct Standing {
    /// Between two that follow each other so soon, nobody may have looked: they are one.
    private static let shortestBreak = Duration.seconds(15)

    private var begin = Instant(nanoseconds: 0)
    private var end: Instant? = Instant(nanoseconds: 0)

    mutating func begins(at now: Instant) {
        guard let last = end else { return }
        if now - last > Self.shortestBreak { begin = now }
        end = nil
    }

    mutating func ends(at now: Instant) {
        if end == nil { end = now }
    }

    /// For how long, if it hasn't ended until now.
    func length(at now: Instant) -> Duration { (end ?? now) - begin }
}
