/// What was charged to tenants' days by others than this process: by those before it, and by those beside it.
struct ForeignCharges {
    private var day = 0
    /// What is told already, and this process's own.
    private var known: [String: Int] = [:]

    /// These are this process's own, and written now.
    mutating func wrote(_ charges: [UsageDay: Int]) {
        for (day, tokens) in charges {
            pass(to: day.day)
            if day.day == self.day { known[day.tenant] = UsageCounts.sum(known[day.tenant] ?? 0, tokens) }
        }
    }

    /// - Parameters:
    ///   - total: what is written in all, by tenant.
    ///   - day: of which, since 1970.
    /// - Returns: how much of it is news.
    mutating func news(in total: [String: Int], of day: Int) -> [String: Int] {
        pass(to: day)
        guard day == self.day else { return [:] }
        var news: [String: Int] = [:]
        for (tenant, tokens) in total {
            let difference = tokens - (known[tenant] ?? 0)
            if difference > 0 { news[tenant] = difference }
            known[tenant] = tokens
        }
        return news
    }

    private mutating func pass(to day: Int) {
        guard day > self.day else { return }
        self.day = day
        known = [:]
    }
}
