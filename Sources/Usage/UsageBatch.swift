/// What was counted and not yet kept.
public struct UsageBatch: Sendable {
    public internal(set) var rows: [UsagePeriod: [UsageKey: UsageCounts]] = [:]
    /// What tenants were charged of their daily budgets.
    public internal(set) var charges: [UsageDay: Int] = [:]

    public init() {}

    public var isEmpty: Bool { rows.isEmpty && charges.isEmpty }
}

/// A tenant's day.
public struct UsageDay: Hashable, Sendable {
    /// Since 1970, in UTC.
    public let day: Int
    public let tenant: String

    public init(day: Int, tenant: String) {
        self.day = day
        self.tenant = tenant
    }
}
