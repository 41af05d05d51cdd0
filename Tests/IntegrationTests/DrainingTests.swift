import Testing

@testable import FakeLlamaServer

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Agents that are told to stop while their servers work.
@Suite("A fleet whose agents are stopped", .serialized, .withEachAgentProgram)
struct DrainingTests {
    @Test(
        "agents and then their servers are replaced one after the other, twice, under load: nothing fails or runs twice"
    )
    func rollingRestart() async throws {
        try await withFleet(servers: 3, slots: 4) { fleet in
            var members = zip(fleet.agents, fleet.servers).map(Member.init)
            var counts: [Counts] = []
            let load = try await SteadyLoad.run(port: fleet.balancer.port) { load in
                for round in 1...2 {
                    for number in members.indices {
                        counts.append(try await members[number].stop())
                        try await load.waitForMore(25)
                        members[number] = try await .start("\(number) of round \(round)", in: fleet)
                    }
                }
            }
            for member in members { counts.append(try await member.stop()) }
            #expect(load.failures.isEmpty, "\(load.failures.prefix(3))")
            #expect(counts.map(\.requestsStarted).reduce(0, +) == load.answered)
            #expect(counts.map(\.requestsCompleted).reduce(0, +) == load.answered)
        }
    }

    private struct Member {
        let agent: ChildProcess
        let server: FakeServer

        static func start(_ name: String, in fleet: Fleet) async throws -> Member {
            let server = try await FakeServer.start(slots: 4, arguments: ["--name", name])
            let agent = try Paddler.agent(
                name: name,
                watching: server.port,
                reportingTo: [fleet.balancer.managementPort]
            )
            try await eventually("use of \(name)", equals: "usable") {
                try await fleet.balancer.upstream(named: name)?.state
            }
            return Member(agent: agent, server: server)
        }

        /// As operators do who want to lose nothing: first the agent, and the server once that has ended.
        func stop() async throws -> Counts {
            agent.signal(SIGTERM)
            #expect(try await agent.waitUntilExit(within: .seconds(60)) == .code(0))
            let counts = try await server.counts()
            try await server.process.kill()
            return counts
        }
    }

    @Test("an agent that is stopped waits for a long stream, and nothing new is sent meanwhile")
    func longStream() async throws {
        try await withFleet(servers: 1) { fleet in
            let stream = try await fleet.balancer.startUnreadStream()
            fleet.agents[0].signal(SIGTERM)
            try await eventually("the state", equals: "draining") {
                try await fleet.balancer.upstream(named: "agent-0")?.state
            }
            let waiting = try fleet.connect()
            try await waiting.send(RawClient.request("POST", "/v1/chat/completions", body: "{}"))
            try await fleet.balancer.waitUntilWaiting(1)
            #expect(fleet.agents[0].exit == nil)

            #expect(UnreadStream.isWhole(try await stream.readToEnd(within: .seconds(60)).bytes))
            #expect(try await fleet.agents[0].waitUntilExit() == .code(0))
            #expect(fleet.agents[0].lines.allSatisfy { !$0.contains("leaving although") })
            let counts = try await fleet.servers[0].counts()
            #expect(counts.requestsStarted == 1)
            #expect(counts.requestsCompleted == 1)

            // Who waited is served by whoever comes next.
            let next = try Paddler.agent(
                name: "next",
                watching: fleet.servers[0].port,
                reportingTo: [fleet.balancer.managementPort]
            )
            #expect(try await waiting.reply().status == 200)
            try await next.kill()
        }
    }

    @Test("an agent whose server has died has nothing to wait for")
    func deadServer() async throws {
        try await withFleet(servers: 1) { fleet in
            let stream = try await fleet.balancer.startUnreadStream()
            fleet.agents[0].signal(SIGTERM)
            try await fleet.agents[0].waitForLine(containing: "waiting for running requests to end")
            try await fleet.servers[0].process.kill()
            #expect(try await fleet.agents[0].waitUntilExit() == .code(0))
            await stream.close()
        }
    }

    @Test("an agent whose balancer has died has nobody to wait for")
    func deadBalancer() async throws {
        try await withFleet(servers: 1) { fleet in
            let stream = try await fleet.balancer.startUnreadStream()
            fleet.agents[0].signal(SIGTERM)
            try await fleet.agents[0].waitForLine(containing: "waiting for running requests to end")
            try await fleet.balancer.process.kill()
            #expect(try await fleet.agents[0].waitUntilExit() == .code(0))
            await stream.close()
        }
    }

    @Test("a second signal ends an agent that drains at once")
    func secondSignal() async throws {
        try await withFleet(servers: 1) { fleet in
            let holders = try await fleet.balancer.occupySlots(1)
            fleet.agents[0].signal(SIGTERM)
            try await fleet.agents[0].waitForLine(containing: "waiting for running requests to end")
            // Those of the first second are taken for the same wish.
            try await eventually("the agent's end") {
                fleet.agents[0].signal(SIGTERM)
                return fleet.agents[0].exit != nil
            }
            #expect(fleet.agents[0].exit == .code(128 + SIGTERM))
            for holder in holders { await holder.close() }
        }
    }
}
