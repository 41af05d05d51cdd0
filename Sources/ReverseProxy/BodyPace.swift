import NIOCore

/// Whether the body of a request comes in fast enough: in each span of time at least so many bytes. What came in a span
/// before doesn't count, or a client that sent much would be owed hours.
struct BodyPace {
    private var since: NIODeadline
    private var count = 0

    init(since: NIODeadline) {
        self.since = since
    }

    mutating func received(_ count: Int) {
        self.count += count
    }

    /// - Parameters:
    ///   - rate: bytes a second.
    ///   - span: over which it is looked at.
    mutating func isTooSlow(at now: NIODeadline, for rate: Int, over span: Duration) -> Bool {
        guard now - since >= TimeAmount(span) else { return false }
        let isTooSlow = Double(count) < Double(rate) * (span / .seconds(1))
        self = BodyPace(since: now)
        return isTooSlow
    }
}
