/// All tenants of a file, found by their keys: one lookup by the key's digest, however many there are.
public struct TenantDirectory: Sendable {
    public let classes: TenantClasses
    /// Whoever has a key that is in no file of tenants.
    public let usual: Tenant
    /// How many there are.
    public let count: Int
    private let byDigest: [KeyDigest: Tenant]

    init(classes: TenantClasses = .standard, usual: Tenant? = nil, count: Int = 0, byDigest: [KeyDigest: Tenant] = [:])
    {
        self.classes = classes
        self.usual =
            usual ?? Tenant(number: TenantNumbers.usual, name: Tenant.usualName, rank: classes.usualRank)
        self.count = count
        self.byDigest = byDigest
    }

    /// - Parameter key: as a request shows it.
    /// - Returns: nil if it is nobody's.
    public func tenant(showing key: borrowing Span<UInt8>) -> Tenant? {
        key.isEmpty ? nil : byDigest[KeyDigest(of: key)]
    }

    /// For operators, who show no tenant's key; O(keys).
    ///
    /// - Returns: nil if nobody is called so.
    public func tenant(named name: String) -> Tenant? {
        name == usual.name ? usual : byDigest.values.first { $0.name == name }
    }
}
