/// What each tenant got since the process began, for measurements.
public struct UsageTotals: Sendable {
    /// By name; ``UsageKey/others`` are those that are counted together.
    public private(set) var byTenant: [String: UsageCounts] = [:]

    /// Told apart by their names; what is beyond is counted with others. A series that is measured costs who measures more
    /// than a row costs us.
    static let mostTenants = 200

    mutating func add(_ batch: UsageBatch) {
        for rows in batch.rows.values {
            for (key, counts) in rows { byTenant[name(of: key.tenant), default: UsageCounts()] += counts }
        }
    }

    /// Under which name a tenant is counted.
    public func name(of tenant: String) -> String {
        byTenant[tenant] != nil || byTenant.count < Self.mostTenants ? tenant : UsageKey.others
    }
}
