/// A moment, by a clock that never goes back and by the calendar.
public struct BudgetTime: Equatable, Sendable {
    /// In nanoseconds, since any fixed moment.
    public var uptime: Int64
    /// Seconds since 1970-01-01T00:00:00Z.
    public var utc: Int

    public init(uptime: Int64, utc: Int) {
        self.uptime = uptime
        self.utc = utc
    }
}
