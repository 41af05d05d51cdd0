import Foundation
import Testing

/// Servers that were started in ways that an agent has to cope with.
extension RealServerTests {
    @Test("without the right key a server isn't used, and the operator is told; with it, it is")
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

    @Test("a server without /slots isn't used, and the operator is told")
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

    @Test("a sleeping server isn't woken by being watched, and is by a request")
    func sleeping() async throws {
        try await withLlamaServers(arguments: ["--sleep-idle-seconds", "1"]) { servers in
            let balancer = try await Paddler.balancer()
            let first = try agent("first", of: servers[0], to: balancer)
            try await eventually("the balancer knows of a sleeping server") {
                try await sleepers(balancer) == ["first"]
            }
            let awakenings = servers[0].awakenings

            // Another one looks at everything again.
            let second = try agent("second", of: servers[0], to: balancer)
            try await eventually("the balancer hears it again") { try await sleepers(balancer) == ["second"] }
            try await upstream("second", of: balancer) { $0.isAtRest && $0.slotsTotal == 2 }
            #expect(servers[0].awakenings == awakenings)

            #expect(try await Chat.short.exchange(port: balancer.port).status == 200)
            try await eventually("it woke up") { servers[0].awakenings > awakenings }
            for process in [first, second, balancer.process] { try await process.kill() }
        }
    }

    // MARK: - Agents one by one

    private func agent(
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
    private func upstream(
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
