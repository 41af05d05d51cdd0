/// How much patience there is with a server.
package struct SupervisionLimits: Equatable, Sendable {
    /// For how long a server that loads may give no sign of life: it may load for as long as it likes while it prints.
    package var loadingSilence: Duration
    /// How long a server that was told to end gets for it, until it is killed.
    package var grace: Duration
    /// How many crashes in a row it takes until a server that was ready once isn't started again.
    package var crashes = 5

    package init(loadingSilence: Duration = .seconds(300), grace: Duration = .seconds(10)) {
        self.loadingSilence = loadingSilence
        self.grace = grace
    }

    /// How long to wait after the crash of that number in a row: half a second, and each time twice as long.
    func pause(after crash: Int) -> Duration {
        .milliseconds(500 << min(max(0, crash - 1), 6))
    }
}
