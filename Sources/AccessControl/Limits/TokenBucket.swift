/// So much a minute: a bucket that is full at first, and fills steadily. What is taken beyond what it holds is owed.
///
/// Counted in whole sixty-thousand-millionths, so that nothing is lost by rounding, however small the steps of time are.
struct TokenBucket: Equatable, Sendable {
    private(set) var perMinute: Int
    /// What isn't in it, times ``minute``.
    private var missing: Int128 = 0
    /// In nanoseconds.
    private var asOf: Int64

    /// In nanoseconds.
    private static let minute: Int128 = 60_000_000_000
    /// No more than this many minutes' worth is ever owed: nobody is locked out for a day by one answer.
    private static let mostMinutes: Int128 = 60

    /// - Parameters:
    ///   - perMinute: at least 1.
    ///   - now: in nanoseconds.
    init(perMinute: Int, at now: Int64) {
        self.perMinute = perMinute
        asOf = now
    }

    /// What was taken stays taken.
    mutating func setLimit(_ perMinute: Int, at now: Int64) {
        pass(to: now)
        self.perMinute = perMinute
    }

    /// Those who ask may have looked at the clock in another order: time that seems to go back stands still.
    mutating func pass(to now: Int64) {
        guard now > asOf else { return }
        missing = max(0, missing - Int128(now - asOf) * Int128(perMinute))
        asOf = now
    }

    /// Whole ones that can be taken now, not less than 0.
    var left: Int {
        Int(max(0, (capacity - missing) / Self.minute))
    }

    /// - Returns: in nanoseconds, how long until so many can be taken, or, of more than it holds, all that it holds; 0: now.
    func wait(for count: Int) -> Int64 {
        let needed = missing + Int128(min(count, perMinute)) * Self.minute - capacity
        return needed > 0 ? time(for: needed) : 0
    }

    /// In nanoseconds, until it is full.
    var untilFull: Int64 { time(for: missing) }

    mutating func take(_ count: Int) {
        missing = min(missing + Int128(count) * Self.minute, capacity * Self.mostMinutes)
    }

    mutating func giveBack(_ count: Int) {
        missing = max(0, missing - Int128(count) * Self.minute)
    }

    private var capacity: Int128 { Int128(perMinute) * Self.minute }

    private func time(for missing: Int128) -> Int64 {
        Int64(clamping: (missing + Int128(perMinute) - 1) / Int128(perMinute))
    }
}
