/// A day of the Gregorian calendar, in UTC.
public struct CivilDate: Hashable, Sendable {
    /// Since 1970-01-01.
    public let daysSince1970: Int

    /// - Parameter text: as ISO 8601 has it, `2027-01-31`.
    /// - Returns: nil when there is no such day, or it isn't in the years from 1970 to 9999.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            year >= 1970, 1...12 ~= month, 1...Self.length(ofMonth: month, in: year) ~= day
        else { return nil }
        daysSince1970 = Self.days(year, month, day)
    }

    /// - Parameter seconds: since 1970-01-01T00:00:00Z, not negative.
    public init(secondsSince1970 seconds: Int) {
        daysSince1970 = seconds / Self.secondsOfDay
    }

    static let secondsOfDay = 86_400

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Years are counted from March on, so that the day that not every year has is their last one.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}

extension CivilDate: CustomStringConvertible {
    /// `2027-01-31`.
    public var description: String {
        var year = (daysSince1970 * 400) / 146_097 + 1970
        while Self.days(year, 1, 1) > daysSince1970 { year -= 1 }
        while Self.days(year + 1, 1, 1) <= daysSince1970 { year += 1 }
        var day = daysSince1970 - Self.days(year, 1, 1) + 1
        var month = 1
        while day > Self.length(ofMonth: month, in: year) {
            day -= Self.length(ofMonth: month, in: year)
            month += 1
        }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(padded(month))-\(padded(day))"
    }
}
