import AgentRules
import Testing

@testable import Agent

@Suite("Complaints about a balancer that is away")
struct ComplaintsTests {
    @Test("a new reason is told at once, one that stays again and again, and ever less often")
    func rhythm() {
        var complaints = Complaints()
        var told: [Int] = []
        for second in 0..<20_000 where complaints.isDue("refused", at: .seconds(second)) { told.append(second) }
        #expect(told == [0, 60, 180, 420, 900, 1860, 3780, 7380, 10_980, 14_580, 18_180])
        #expect(complaints.isDue("reset", at: .seconds(20_000)) == true)
        #expect(complaints.isDue("reset", at: .seconds(20_001)) == false)
        complaints.end()
        #expect(complaints.isDue("reset", at: .seconds(20_002)) == true)
    }

    @Test("who says nothing may speak another dialect", arguments: AgentDialect.allCases)
    func silence(dialect: AgentDialect) {
        let end = LinkEnd.silence(for: .seconds(10), others: AgentDialect.allCases.filter { $0 != dialect })
        #expect(end.hint?.contains("--dialect") == true)
        #expect(end.hint?.contains(dialect.rawValue) == false)
    }
}
