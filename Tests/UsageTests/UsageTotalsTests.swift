import Testing

@testable import Usage

@Suite("What tenants got since the process began")
struct UsageTotalsTests {
    @Test("those beyond a number are counted together, and those that are known go on under their names")
    func bounded() {
        var totals = UsageTotals()
        var ledger = UsageLedger()
        for number in 0..<UsageTotals.mostTenants + 50 { ledger.add(Sample.ended(tenant: "t\(number)", model: nil)) }
        totals.add(ledger.takeAll())
        let all = totals.byTenant
        #expect(all.count == UsageTotals.mostTenants + 1)
        #expect(all[UsageKey.others]?.requests == 50)
        #expect(all.values.reduce(0) { $0 + $1.requests } == UsageTotals.mostTenants + 50)
        #expect(totals.name(of: "somebody new") == UsageKey.others)
        for (name, _) in all { #expect(totals.name(of: name) == name) }
    }
}
