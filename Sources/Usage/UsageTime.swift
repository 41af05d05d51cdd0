import AccessControl

/// Hours since 1970, in UTC, and how they are written.
public enum UsageTime {
    /// `2026-10-01T05:00:00Z`.
    public static func text(hour: Int) -> String {
        let hourOfDay = hour % UsagePeriod.hoursOfDay
        return "\(day(of: hour))T\(hourOfDay < 10 ? "0" : "")\(hourOfDay):00:00Z"
    }

    /// The day of an hour, `2026-10-01`.
    public static func day(of hour: Int) -> String { text(day: hour / UsagePeriod.hoursOfDay) }

    /// `2026-10-01`.
    static func text(day: Int) -> String {
        CivilDate(secondsSince1970: max(0, day) * 86_400).description
    }

    /// `20261001T051500Z`.
    ///
    /// - Parameter now: in seconds since 1970.
    static func fileSuffix(_ now: Int) -> String {
        let second = max(0, now) % 86_400
        let parts = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return text(day: now / 86_400).replacing("-", with: "") + "T" + parts.joined() + "Z"
    }

    /// - Parameter name: for what it is given.
    /// - Returns: the hour, and whether it was given as a day.
    static func hour(_ text: String, _ name: String) throws(UsageQueryMistake) -> (hour: Int, isDay: Bool) {
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let day = CivilDate(parts[0]) else { throw .noTime(name: name, String(text.prefix(100))) }
        let midnight = day.daysSince1970 * UsagePeriod.hoursOfDay
        guard parts.count > 1 else { return (midnight, true) }
        guard let hour = hourOfDay(parts[1]) else { throw .noTime(name: name, String(text.prefix(100))) }
        return (midnight + hour, false)
    }

    /// RFC 3339's, as far as it is a whole hour in UTC.
    private static func hourOfDay(_ text: Substring) -> Int? {
        let digits = text.prefix(2)
        guard ["Z", ":00Z", ":00:00Z"].contains(text.dropFirst(2)), digits.allSatisfy({ "0"..."9" ~= $0 }),
            let hour = Int(digits), hour < UsagePeriod.hoursOfDay
        else { return nil }
        return hour
    }

    static func firstOfMonth(_ day: CivilDate) -> Int {
        let first = CivilDate(day.description.dropLast(2) + "01") ?? day
        return first.daysSince1970 * UsagePeriod.hoursOfDay
    }
}
