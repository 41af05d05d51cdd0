/// A stretch of time, in UTC, for which usage is counted: an hour, or a day of which the hours aren't known any more.
public struct UsagePeriod: Hashable, Sendable {
    /// In hours since 1970-01-01T00:00:00Z.
    public let start: Int
    /// 1 or 24.
    public let hours: Int

    /// The hour, counted since 1970.
    public init(hour: Int) {
        start = hour
        hours = 1
    }

    /// The day, counted since 1970.
    public init(day: Int) {
        start = day * Self.hoursOfDay
        hours = Self.hoursOfDay
    }

    /// The hour of a moment.
    ///
    /// - Parameter time: in nanoseconds since 1970, not negative.
    public init(at time: Int64) {
        self.init(hour: Int(time / 3_600_000_000_000))
    }

    /// Since 1970.
    public var day: Int { start / Self.hoursOfDay }

    static let hoursOfDay = 24
}
