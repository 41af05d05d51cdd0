/// What is how old at a moment. In UTC.
struct UsageAges: Equatable {
    /// The first hour that is still known as one, counted since 1970: with it a day begins.
    let firstHour: Int
    /// What began before it is forgotten; the same way.
    let firstKept: Int
    /// The first day whose charges matter, since 1970.
    let firstCharged: Int

    /// Days whose hours are known, beside the one that it is.
    static let daysWithHours = 31

    /// - Parameters:
    ///   - now: in seconds since 1970.
    ///   - retention: in days, at least 1.
    init(at now: Int, retention: Int) {
        let today = now / 86_400
        firstHour = (today - Self.daysWithHours) * UsagePeriod.hoursOfDay
        firstKept = (today - retention) * UsagePeriod.hoursOfDay
        // A clock that goes back over midnight is believed for a day.
        firstCharged = today - 1
    }
}
