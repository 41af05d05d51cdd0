import Testing

@testable import AccessControl

@Suite("Budgets of tenants")
struct TenantBudgetTests {
    private static let second: Int64 = 1_000_000_000
    /// 2026-11-30T12:00:00Z.
    private static let noon = 1_796_040_000

    private static func time(_ seconds: Double, utc: Int = noon) -> BudgetTime {
        BudgetTime(uptime: Int64(seconds * Double(second)), utc: utc + Int(seconds))
    }

    private func charge(_ admission: TenantBudget.Admission) -> TokenCharge? {
        if case .admitted(let charge, _) = admission { charge } else { nil }
    }

    private func refusal(_ admission: TenantBudget.Admission) -> (limit: RateLimit, seconds: Double)? {
        guard case .refused(let limit, let wait, _) = admission else { return nil }
        return (limit, Double(wait) / Double(Self.second))
    }

    @Test("requests come in until the minute's are used up, and then one by one as time brings them")
    func requests() throws {
        var budget = TenantBudget(TenantLimits(requestsPerMinute: 6), at: Self.time(0))
        for _ in 0..<6 { #expect(charge(budget.admit(estimate: 0, at: Self.time(0))) != nil) }
        let refused = try #require(refusal(budget.admit(estimate: 0, at: Self.time(4))))
        #expect(refused.limit == .requestsPerMinute(6) && refused.seconds == 6)
        // Who was refused took nothing, and who waits as told gets in.
        #expect(charge(budget.admit(estimate: 0, at: Self.time(9.999_999_999))) == nil)
        #expect(charge(budget.admit(estimate: 0, at: Self.time(10))) != nil)
        #expect(charge(budget.admit(estimate: 0, at: Self.time(10))) == nil)
        #expect(charge(budget.admit(estimate: 0, at: Self.time(20))) != nil)
    }

    @Test(
        "an hour in steps of any length lets in what an hour's minutes allow, and not one more",
        arguments: [1, 7, 977, 60_000]
    )
    func exact(milliseconds: Int) {
        var budget = TenantBudget(TenantLimits(requestsPerMinute: 7), at: Self.time(0))
        var admitted = 0
        var now = 0
        while now <= 3_600_000 {
            if charge(budget.admit(estimate: 0, at: Self.time(Double(now) / 1000))) != nil { admitted += 1 }
            now += milliseconds
        }
        let steps = 3_600_000 / milliseconds
        let most = min(7 + steps * milliseconds * 7 / 60_000, steps + 1)
        #expect(admitted == most)
    }

    @Test("a day's limit that is taken away for a while finds what had been used of the day, and a new day nothing")
    func dayComesBack() {
        let budgets = TenantBudgets()
        func tenant(_ perDay: Int?) -> Tenant {
            let limits = TenantLimits(requestsPerMinute: 100, tokensPerDay: perDay)
            return Tenant(number: 1, name: "a", rank: 1, limits: limits)
        }
        func admit(_ perDay: Int?, _ estimate: Int, _ seconds: Double) -> TenantBudget.Admission {
            budgets.admit(tenant(perDay), estimate: estimate, at: Self.time(seconds))
        }
        let running = charge(admit(1000, 300, 0))
        #expect(charge(admit(1000, 500, 0)) != nil)
        #expect(charge(admit(nil, 5000, 1)) != nil)
        // What was let in before belongs to the day.
        if let running { budgets.settle(tenant(nil), running, actual: 400, at: Self.time(2)) }
        #expect(refusal(admit(1000, 101, 3))?.limit == .tokensPerDay(1000))
        #expect(charge(admit(1000, 100, 3)) != nil)
        _ = admit(nil, 1, 4)
        #expect(charge(admit(1000, 1000, 86_400)) != nil)
    }

    @Test("what is taken back was never taken")
    func takenBack() throws {
        let limits = TenantLimits(requestsPerMinute: 2, tokensPerMinute: 600, tokensPerDay: 1000)
        var budget = TenantBudget(limits, at: Self.time(0))
        let taken = try #require(charge(budget.admit(estimate: 500, at: Self.time(0))))
        let left = budget.takeBack(taken, at: Self.time(0))
        #expect(left.requests?.left == 2)
        guard case .admitted(_, let status) = budget.admit(estimate: 600, at: Self.time(0)) else {
            Issue.record("not all is there")
            return
        }
        #expect(status.requests?.left == 1 && status.tokens?.left == 0)
    }

    @Test("tokens are taken by an estimate, and given back or taken after it by what was used")
    func tokens() throws {
        var budget = TenantBudget(TenantLimits(tokensPerMinute: 600), at: Self.time(0))
        let taken = try #require(charge(budget.admit(estimate: 500, at: Self.time(0))))
        let refused = try #require(refusal(budget.admit(estimate: 200, at: Self.time(0))))
        #expect(refused.limit == .tokensPerMinute(600) && refused.seconds == 10)
        budget.settle(taken, actual: 100, at: Self.time(0))
        #expect(self.charge(budget.admit(estimate: 500, at: Self.time(0))) != nil)

        var other = TenantBudget(TenantLimits(tokensPerMinute: 600), at: Self.time(0))
        let small = try #require(self.charge(other.admit(estimate: 10, at: Self.time(0))))
        other.settle(small, actual: 1200, at: Self.time(0))
        // What is owed is paid before anything else.
        #expect(refusal(other.admit(estimate: 1, at: Self.time(60)))?.seconds == 0.1)
        #expect(self.charge(other.admit(estimate: 1, at: Self.time(60.1))) != nil)
    }

    @Test("a request that is larger than all of a limit gets in when nothing else is owed, and what is owed has an end")
    func large() throws {
        var budget = TenantBudget(TenantLimits(tokensPerMinute: 60, tokensPerDay: 1000), at: Self.time(0))
        let taken = try #require(charge(budget.admit(estimate: 1_000_000, at: Self.time(0))))
        let refused = try #require(refusal(budget.admit(estimate: 1_000_000, at: Self.time(0))))
        #expect(refused.limit == .tokensPerDay(1000) && refused.seconds == 43_200)
        budget.settle(taken, actual: 100, at: Self.time(0))
        #expect(refusal(budget.admit(estimate: 1, at: Self.time(0)))?.limit == .tokensPerMinute(60))
        #expect(self.charge(budget.admit(estimate: 900, at: Self.time(100))) != nil)

        var owing = TenantBudget(TenantLimits(tokensPerMinute: 60), at: Self.time(0))
        let huge = try #require(self.charge(owing.admit(estimate: 0, at: Self.time(0))))
        owing.settle(huge, actual: .max, at: Self.time(0))
        #expect(refusal(owing.admit(estimate: 1, at: Self.time(0)))?.seconds == 3541)
    }

    @Test("a day's tokens are there again at midnight, and what ran over it is paid by the day on which it came")
    func day() throws {
        var budget = TenantBudget(TenantLimits(tokensPerDay: 100), at: Self.time(0))
        let taken = try #require(charge(budget.admit(estimate: 100, at: Self.time(0))))
        let refused = try #require(refusal(budget.admit(estimate: 1, at: Self.time(3600))))
        #expect(refused.limit == .tokensPerDay(100) && refused.seconds == 39_600)
        #expect(self.charge(budget.admit(estimate: 60, at: Self.time(43_200))) != nil)
        budget.settle(taken, actual: 1000, at: Self.time(43_201))
        #expect(self.charge(budget.admit(estimate: 40, at: Self.time(43_201))) != nil)
        #expect(self.charge(budget.admit(estimate: 1, at: Self.time(43_201))) == nil)
        // A clock that is set back gives nothing back.
        #expect(self.charge(budget.admit(estimate: 1, at: Self.time(50_000, utc: Self.noon - 86_400))) == nil)
    }

    @Test("of several limits that refuse, the one that holds for longest is named, and none is charged")
    func several() throws {
        let limits = TenantLimits(requestsPerMinute: 60, tokensPerMinute: 60)
        var budget = TenantBudget(limits, at: Self.time(0))
        _ = budget.admit(estimate: 60, at: Self.time(0))
        guard case .refused(let limit, let wait, let status) = budget.admit(estimate: 30, at: Self.time(0)) else {
            Issue.record("it was let in")
            return
        }
        #expect(limit == .tokensPerMinute(60) && wait == 30 * Self.second)
        #expect(status.requests?.left == 59 && status.tokens?.left == 0)
    }

    @Test("what is left is told of the limit of which less is left, with when it is full again")
    func status() throws {
        let limits = TenantLimits(requestsPerMinute: 60, tokensPerMinute: 600, tokensPerDay: 1000)
        var budget = TenantBudget(limits, at: Self.time(0))
        guard case .admitted(_, let first) = budget.admit(estimate: 100, at: Self.time(0)) else { return }
        #expect(first.requests == BudgetStatus.Meter(limit: 60, left: 59, untilFull: Self.second))
        #expect(first.tokens == BudgetStatus.Meter(limit: 600, left: 500, untilFull: 10 * Self.second))
        guard case .admitted(_, let later) = budget.admit(estimate: 600, at: Self.time(60)) else { return }
        #expect(later.tokens == BudgetStatus.Meter(limit: 600, left: 0, untilFull: 60 * Self.second))
        guard case .admitted(_, let last) = budget.admit(estimate: 200, at: Self.time(120)) else { return }
        #expect(last.tokens == BudgetStatus.Meter(limit: 1000, left: 100, untilFull: (43_200 - 120) * Self.second))
    }

    @Test("limits that change keep what was used")
    func changed() {
        let budgets = TenantBudgets()
        func admits(_ perMinute: Int?, at seconds: Double) -> Bool {
            let limits = TenantLimits(requestsPerMinute: perMinute)
            let tenant = Tenant(number: 1, name: "a", rank: 0, limits: limits)
            if case .admitted = budgets.admit(tenant, estimate: 0, at: Self.time(seconds)) { return true }
            return false
        }
        #expect(admits(2, at: 0) && admits(2, at: 0) && !admits(2, at: 0))
        #expect(admits(3, at: 0) && !admits(3, at: 0))
        #expect(!admits(1, at: 0) && !admits(1, at: 59))
        #expect(admits(nil, at: 59) && admits(1, at: 59))
    }

    @Test("clocks that are read in another order than budgets are asked take and give nothing")
    func disorder() {
        var budget = TenantBudget(TenantLimits(requestsPerMinute: 1), at: Self.time(100))
        #expect(charge(budget.admit(estimate: 0, at: Self.time(100))) != nil)
        #expect(charge(budget.admit(estimate: 0, at: Self.time(50))) == nil)
        #expect(charge(budget.admit(estimate: 0, at: Self.time(159.9))) == nil)
        #expect(charge(budget.admit(estimate: 0, at: Self.time(160))) != nil)
    }
}
