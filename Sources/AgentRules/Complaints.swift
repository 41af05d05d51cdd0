/// When it is said again why there is no connection: at once when the reason is new, then after a minute, and each time
/// after twice as long, up to an hour. A log that is read an hour later still has the reason in it.
package struct Complaints: Sendable {
    private var last: (reason: String, at: Duration, pause: Duration)?

    private static let shortest = Duration.seconds(60)
    private static let longest = Duration.seconds(3600)

    package init() {}

    /// - Parameter now: on the agent's clock.
    /// - Returns: whether it is to be said.
    package mutating func isDue(_ reason: String, at now: Duration) -> Bool {
        guard let last, last.reason == reason else {
            last = (reason, now, Self.shortest)
            return true
        }
        guard now - last.at >= last.pause else { return false }
        self.last = (reason, now, min(last.pause * 2, Self.longest))
        return true
    }

    /// All is well.
    package mutating func end() {
        last = nil
    }
}
