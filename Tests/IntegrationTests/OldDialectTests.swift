import Testing

@testable import FakeLlamaServer

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Our agent in an older Paddler's words, and our balancer, which takes it for such an agent.
@Suite("Agents that speak older dialects to our own balancer", .serialized, .withEachAgentProgram)
struct OldDialectTests {
    @Test("they register, report slots, and leave without a request being lost", arguments: ["0.10", "1.x"])
    func life(dialect: String) async throws {
        guard AgentProgram.current.speaks(dialect) else { return }
        try await withFleet(servers: 1, agentArguments: ["--dialect", dialect]) { fleet in
            let address = "127.0.0.1:\(fleet.servers[0].port)"
            #expect(try await fleet.balancer.upstreams().map(\.address) == [address])
            #expect(try await fleet.exchange(body: "{}").status == 200)

            let stream = try await fleet.balancer.startUnreadStream()
            try await eventually("the slots") {
                try await fleet.balancer.upstreams().first
            } satisfies: {
                $0?.slotsLeased == 1 && $0?.slotsIdle == 1 && $0?.slotsForeign == 0
            }

            fleet.agents[0].signal(SIGTERM)
            try await eventually("idle slots", equals: 0) { try await fleet.balancer.health().slotsIdle }
            #expect(fleet.agents[0].exit == nil)
            #expect(UnreadStream.isWhole(try await stream.readToEnd(within: .seconds(60)).bytes))
            #expect(try await fleet.agents[0].waitUntilExit(within: .seconds(60)) == .code(0))
            #expect(fleet.agents[0].lines.allSatisfy { !$0.contains("leaving although") })
            try await eventually("no server", equals: []) { try await fleet.balancer.upstreams() }
            let counts = try await fleet.servers[0].counts()
            #expect(counts.requestsCompleted == 2)
            #expect(counts.requestsCancelled == 0)
        }
    }

    @Test(
        "a weight reaches the balancer, and where it can't the agent says so",
        arguments: [([], 3), (["--dialect", "0.10"], 1), (["--dialect", "1.x"], 1)]
    )
    func weight(dialect: [String], weight: Int) async throws {
        guard AgentProgram.current.speaks(dialect.last ?? "current") else { return }
        try await withFleet(servers: 1, agentArguments: ["--weight", "3"] + dialect) { fleet in
            let upstreams = try await fleet.balancer.upstreams()
            #expect(upstreams.map(\.weight) == [weight])
            let lines = fleet.agents[0].lines
            let isWarned = lines.contains { $0.contains("older balancers know no weights") }
            #expect(isWarned == (weight == 1))
        }
    }
}
