import Testing

@testable import Balancer

@Suite("What descriptors are enough for")
struct DescriptorBudgetTests {
    @Test("no number of connections needs more than there are", arguments: [300, 1024, 4096, 65536, 524_288, 1 << 20])
    func enough(descriptors: Int) throws {
        let budget = try DescriptorBudget(descriptors: descriptors, threads: 8, wanted: nil)
        #expect(budget.clients > 0 && budget.management > 0)
        #expect(budget.clients * 3 + budget.management + min(budget.management, 256) + 128 < descriptors)
        #expect(try DescriptorBudget(descriptors: descriptors, threads: 8, wanted: budget.clients) == budget)
    }

    @Test("each of many agents gets a place if the operator wants so many, and so do those who look on")
    func manyAgents() throws {
        let budget = try DescriptorBudget(descriptors: 20_000, threads: 2, wanted: nil, agents: 10_000)
        #expect(budget.management >= 11_000 && budget.clients > 2000)
        #expect(try DescriptorBudget(descriptors: 1 << 20, threads: 2, wanted: nil, agents: 65_536).management > 70_000)
        let usual = try DescriptorBudget(descriptors: 20_000, threads: 2, wanted: nil)
        #expect(try DescriptorBudget(descriptors: 20_000, threads: 2, wanted: nil, agents: 100) == usual)
        let error = try #require(throws: DescriptorShortage.self) {
            try DescriptorBudget(descriptors: 10_000, threads: 2, wanted: nil, agents: 10_000)
        }
        #expect(
            error.description == """
                the 10000 descriptors that this process may have open are too few beside the 10000 agents of --max-agents: \
                raise its limit (ulimit -n, systemd's LimitNOFILE=)
                """
        )
    }

    @Test("what is wanted and not possible is said in one line")
    func tooMany() throws {
        let error = try #require(throws: DescriptorShortage.self) {
            try DescriptorBudget(descriptors: 1024, threads: 2, wanted: 5000)
        }
        #expect(
            error.description == """
                the 1024 descriptors that this process may have open are enough for 205 clients, not for the 5000 of \
                --max-connections: raise its limit (ulimit -n, systemd's LimitNOFILE=) or lower the flag
                """
        )
        #expect(throws: DescriptorShortage.self) { try DescriptorBudget(descriptors: 64, threads: 2, wanted: nil) }
    }
}
