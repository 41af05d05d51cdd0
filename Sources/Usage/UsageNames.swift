/// Which names are counted one by one in a period. Clients choose the models' names, and where tenants are addresses theirs:
/// beyond a number of them what is new is counted with others.
struct UsageNames {
    private var models: [String: Set<String>] = [:]
    private var count = 0

    /// In an hour, of all tenants together.
    static let most = 10_000
    /// In an hour, of one tenant.
    static let mostModels = 100

    /// - Returns: under which name it is counted.
    mutating func key(for key: UsageKey, mayGrow: Bool = true) -> UsageKey {
        let known = models[key.tenant]
        if known?.contains(key.model) == true { return key }
        if mayGrow, count < Self.most, known?.count ?? 0 < Self.mostModels {
            add(key)
            return key
        }
        return UsageKey(tenant: known == nil ? UsageKey.others : key.tenant, model: UsageKey.others)
    }

    /// It is counted by its own name already.
    mutating func add(_ key: UsageKey) {
        if models[key.tenant, default: []].insert(key.model).inserted { count += 1 }
    }
}
