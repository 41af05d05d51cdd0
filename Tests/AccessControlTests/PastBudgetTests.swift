import Testing

@testable import AccessControl

@Suite("Budgets of tenants over a restart")
struct PastBudgetTests {
    /// 2026-11-30T12:00:00Z.
    private static let noon = 1_796_040_000
    private static let today = noon / 86_400

    private func tenant(_ name: String, number: Int, perDay: Int? = 100) -> Tenant {
        Tenant(number: number, name: name, rank: 0, limits: TenantLimits(tokensPerDay: perDay))
    }

    /// - Returns: whether it was let in.
    private func admit(_ budgets: TenantBudgets, _ tenant: Tenant, _ estimate: Int, utc: Int = noon) -> Bool {
        let now = BudgetTime(uptime: Int64(utc - Self.noon) * 1_000_000_000, utc: utc)
        if case .admitted = budgets.admit(tenant, estimate: estimate, at: now) { return true }
        return false
    }

    @Test("what was used before counts once, for each by its name, and not for others")
    func restored() {
        let budgets = TenantBudgets()
        budgets.addForeign(["a": 70, "b": 100], of: Self.today)
        #expect(!admit(budgets, tenant("a", number: 5), 31))
        #expect(admit(budgets, tenant("a", number: 5), 20))
        #expect(admit(budgets, tenant("a", number: 5), 10))
        #expect(!admit(budgets, tenant("a", number: 5), 1))
        #expect(!admit(budgets, tenant("b", number: 6), 1))
        #expect(admit(budgets, tenant("c", number: 7), 100))
    }

    @Test("what becomes known late counts beside what was used meanwhile")
    func late() {
        let budgets = TenantBudgets()
        #expect(admit(budgets, tenant("a", number: 5), 20))
        budgets.addForeign(["a": 70], of: Self.today)
        #expect(!admit(budgets, tenant("a", number: 5), 11))
        #expect(admit(budgets, tenant("a", number: 5), 10))
    }

    @Test("at midnight it is over")
    func midnight() {
        let budgets = TenantBudgets()
        budgets.addForeign(["a": 100], of: Self.today)
        #expect(admit(budgets, tenant("a", number: 5), 100, utc: Self.noon + 43_200))
    }

    @Test("no tenant can have the name under which several are counted")
    func reserved() {
        #expect(Tenant.complaint(aboutName: "(others)")?.contains("parenthesis") == true)
        #expect(Tenant.complaint(aboutName: "team (others)") == nil)
    }
}
