import Foundation
import LlamaServer
import Testing

/// Servers that were started in ways that an agent has to cope with.
extension RealServerTests {
    @Test("without the right key a server isn't used, and the operator is told; with it, it is", .withEachAgentProgram)
    func apiKey() async throws {
        let key = "right-key"
        try await withLlamaServers(arguments: ["--api-key", key]) { servers in
            let balancer = try await Paddler.balancer()
            var processes = [balancer.process]
            for (name, arguments) in [("none", []), ("wrong", ["--llamacpp-api-key", "wrong-key"])] {
                let agent = try agent(name, of: servers[0], to: balancer, arguments)
                let upstream = try await upstream(name, of: balancer) {
                    $0.condition == "unauthorized" && $0.state == "not_ready"
                }
                #expect(upstream.slotsIdle == 0)
                #expect(upstream.hint == "pass --local-llamacpp-api-key to the agent")
                try await agent.kill()
                processes.append(agent)
            }

            let agent = try agent("right", of: servers[0], to: balancer, ["--llamacpp-api-key", key])
            processes.append(agent)
            try await upstream("right", of: balancer) { $0.isAtRest }
            let authorization = ["Authorization": "Bearer \(key)"]
            #expect(try await Chat.short.exchange(port: balancer.port, headers: authorization).status == 200)
            // The agent's key is for the agent: clients need their own.
            #expect(try await Chat.short.exchange(port: balancer.port).status == 401)
            try await upstream("right", of: balancer) { $0.isAtRest }

            for process in processes { try await process.kill() }
            for line in processes.flatMap(\.lines) { #expect(!line.contains(key) && !line.contains("wrong-key")) }
        }
    }

    @Test("a server without /slots isn't used, and the operator is told", .withEachAgentProgram)
    func slotsDisabled() async throws {
        try await withLlamaServers(arguments: ["--no-slots"]) { servers in
            let balancer = try await Paddler.balancer()
            let agent = try agent("blind", of: servers[0], to: balancer)
            let upstream = try await upstream("blind", of: balancer) {
                $0.condition == "slots_disabled" && $0.state == "not_ready"
            }
            #expect(upstream.slotsIdle == 0)
            #expect(upstream.hint == "start llama-server with --slots")
            for process in [agent, balancer.process] { try await process.kill() }
        }
    }

    @Test("a sleeping server isn't woken by being watched, and is by a request", .withEachAgentProgram)
    func sleeping() async throws {
        try await withLlamaServers(arguments: ["--sleep-idle-seconds", "1"]) { servers in
            let balancer = try await Paddler.balancer()
            let first = try agent("first", of: servers[0], to: balancer)
            try await eventually("the balancer knows of a sleeping server") {
                try await sleepers(balancer) == ["first"]
            }
            let awakenings = servers[0].awakenings

            // Another one looks at everything again.
            try await first.kill()
            let second = try agent("second", of: servers[0], to: balancer)
            try await eventually("the balancer hears it again") { try await sleepers(balancer) == ["second"] }
            try await upstream("second", of: balancer) { $0.isAtRest && $0.slotsTotal == 2 }
            #expect(servers[0].awakenings == awakenings)

            #expect(try await Chat.short.exchange(port: balancer.port).status == 200)
            try await eventually("it woke up") { servers[0].awakenings > awakenings }
            for process in [second, balancer.process] { try await process.kill() }
        }
    }

    @Test(
        "a server that has nothing to do falls asleep although it is watched, by an agent with default settings",
        .withEachAgentProgram
    )
    func fallsAsleep() async throws {
        // Longer than the pause between two looks.
        try await withLlamaServers(arguments: ["--sleep-idle-seconds", "6"]) { servers in
            let balancer = try await Paddler.balancer()
            let agent = try agent("watching", of: servers[0], to: balancer)
            try await upstream("watching", of: balancer) { $0.isAtRest }
            #expect(try await Chat.short.exchange(port: balancer.port).status == 200)
            try await eventually("it sleeps", within: .seconds(60)) { try await sleepers(balancer) == ["watching"] }
            #expect(try await Chat.short.exchange(port: balancer.port).status == 200)
            for process in [agent, balancer.process] { try await process.kill() }
        }
    }

    /// What agents rely on to tell a long prompt from a standstill.
    @Test("while a server is at a prompt, its slots show how it moves, though it makes no token", .withEachAgentProgram)
    func promptMoves() async throws {
        try await withLlamaServers(arguments: ["-b", "32", "-ub", "32"]) { servers in
            let prompt = String(repeating: "a long prompt ", count: 300)
            let body = #"{"prompt":"\#(prompt)","n_predict":1,"cache_prompt":false}"#
            var seen: [SlotsProgress.Work] = []
            try await eventually("two looks at one prompt", within: .seconds(60)) {
                // A machine that is busy elsewhere may show nothing between a prompt's beginning and its end.
                let client = try RawClient(port: servers[0].port)
                try await client.send(RawClient.request("POST", "/completion", body: body))
                seen = try await looks(at: servers[0].port)
                await client.close()
                return seen.count == 2
            }
            #expect(seen.first?.task == seen.last?.task)
        }
    }

    /// Different looks at one task's prompt: two at most, and fewer if it was over sooner.
    private func looks(at port: Int) async throws -> [SlotsProgress.Work] {
        var seen: [SlotsProgress.Work] = []
        // Nothing may be seen because the server hasn't begun, or because it was too fast: the latter must end, too.
        for _ in 0..<1000 where seen.count < 2 {
            let reply = try await RawClient.exchange("GET", "/slots", port: port)
            switch try SlotsReply(json: Array(reply.body)).progress {
            case .known(let work):
                guard work.count == 1, work[0].tokensMade == 0 else { return seen }
                // What an earlier round left there may still run.
                if seen.last?.task != work[0].task { seen = [] }
                if seen.last != work[0] { seen.append(work[0]) }
            case .idle:
                if !seen.isEmpty { return seen }
            case .unknown:
                throw HarnessFailure(description: "a slot that works doesn't say how far it is: \(reply.text)")
            }
        }
        return seen
    }

    // MARK: - Agents one by one

    func agent(
        _ name: String,
        of server: LlamaServerProcess,
        to balancer: RunningBalancer,
        _ arguments: [String] = []
    ) throws -> ChildProcess {
        try Paddler.agent(
            name: name,
            watching: server.port,
            reportingTo: [balancer.managementPort],
            arguments: arguments
        )
    }

    @discardableResult
    func upstream(
        _ name: String,
        of balancer: RunningBalancer,
        satisfies condition: (UpstreamView) -> Bool
    ) async throws -> UpstreamView {
        let found = try await eventually(
            "upstream of \(name)",
            { try await balancer.upstream(named: name) },
            satisfies: { $0.map(condition) ?? false }
        )
        return try #require(found)
    }

    private struct Agents: Decodable {
        struct Agent: Decodable {
            let name: String
            let isSleeping: Bool

            enum CodingKeys: String, CodingKey {
                case name = "agent_name"
                case isSleeping = "is_sleeping"
            }
        }

        let agents: [Agent]
    }

    /// The agents whose servers sleep, as operators see them.
    private func sleepers(_ balancer: RunningBalancer) async throws -> [String] {
        let reply = try await RawClient.exchange("GET", "/api/v1/agents", port: balancer.managementPort)
        return try JSONDecoder().decode(Agents.self, from: Data(reply.body)).agents.filter(\.isSleeping).map(\.name)
    }
}
