import AccessControl

/// What is asked of usage.
public struct UsageQuery: Equatable, Sendable {
    /// By what rows are told apart.
    public enum Grouping: String, Sendable, CaseIterable {
        case tenant, model, hour, day
    }

    /// The first hour, counted since 1970, in UTC.
    public let from: Int
    /// The first one that doesn't count any more; above ``from``.
    public let to: Int
    /// Each at most once, in the order in which they were asked for.
    public let groupings: [Grouping]

    /// Rows of one answer.
    public static let mostRows = 100_000

    /// - Parameters:
    ///   - from: a day, or an hour of one: `2026-10-01`, `2026-10-01T05:00Z`; nil: the month's first day.
    ///   - to: a day, which counts, or an hour, which doesn't; nil: the present hour, which does.
    ///   - by: ``Grouping``s with commas between them; nil: `tenant`.
    ///   - now: in seconds since 1970.
    /// - Throws: ``UsageQueryMistake``.
    public init(from: String?, to: String?, by: String?, now: Int) throws(UsageQueryMistake) {
        let today = CivilDate(secondsSince1970: now)
        self.from =
            if let from { try UsageTime.hour(from, "from").hour } else { UsageTime.firstOfMonth(today) }
        if let to {
            let (hour, isDay) = try UsageTime.hour(to, "to")
            self.to = isDay ? hour + UsagePeriod.hoursOfDay : hour
        } else {
            self.to = max(now / 3600, self.from) + 1
        }
        guard self.from < self.to else { throw .endsBeforeItBegins }
        groupings = try Self.groupings(by ?? Grouping.tenant.rawValue)
        try check(UsageAges(at: now, retention: UsageAges.daysWithHours), now: now)
    }

    private static func groupings(_ text: String) throws(UsageQueryMistake) -> [Grouping] {
        var groupings: [Grouping] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let grouping = Grouping(rawValue: String(word)), !groupings.contains(grouping) else {
                throw .noGrouping(String(word.prefix(100)))
            }
            groupings.append(grouping)
        }
        guard !groupings.contains(.hour) || !groupings.contains(.day) else { throw .hourAndDay }
        return groupings
    }

    /// Of days that are long over, the hours aren't known.
    private func check(_ ages: UsageAges, now: Int) throws(UsageQueryMistake) {
        let first = UsageTime.day(of: ages.firstHour)
        if groupings.contains(.hour), from < ages.firstHour { throw .hoursUnknown("by=hour", since: first) }
        for (name, hour) in [("from", from), ("to", to)]
        where hour < ages.firstHour && !hour.isMultiple(of: UsagePeriod.hoursOfDay) {
            throw .hoursUnknown("the hour of \(name)=", since: first)
        }
    }

    /// - Returns: in which row something is counted.
    func group(of key: UsageKey, in period: UsagePeriod) -> UsageGroup {
        UsageGroup(
            start: groupings.contains(.hour)
                ? period.start : groupings.contains(.day) ? period.day * UsagePeriod.hoursOfDay : nil,
            tenant: groupings.contains(.tenant) ? key.tenant : nil,
            model: groupings.contains(.model) ? key.model : nil
        )
    }

    func includes(_ period: UsagePeriod) -> Bool {
        from <= period.start && period.start < to
    }
}
