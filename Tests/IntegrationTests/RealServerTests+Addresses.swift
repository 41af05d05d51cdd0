import Foundation
import Testing

/// Servers that are reached in another way than at the root of a port.
extension RealServerTests {
    @Test(
        "a server behind a path prefix serves clients that write it and those that don't, and its agent has to know it"
    )
    func pathPrefix() async throws {
        let server = try await LlamaServerProcess.start(pathPrefix: "/llm", arguments: ["--metrics"])
        let balancer = try await Paddler.balancer(["--slots-endpoint-enable", "true"])
        var processes = [server.process, balancer.process]
        do {
            let unknowing = try Paddler.agent(
                name: "unknowing",
                watching: server.port,
                reportingTo: [balancer.managementPort]
            )
            processes.append(unknowing)
            let seen = try await eventually(
                "a condition",
                { try await balancer.upstream(named: "unknowing") },
                satisfies: { $0?.condition == "unexpected" }
            )
            #expect(seen?.error?.contains("pass its --api-prefix to the agent as --llamacpp-api-prefix") == true)
            try await unknowing.kill()

            let agent = try Paddler.agent(
                name: "knowing",
                watching: server.port,
                reportingTo: [balancer.managementPort],
                arguments: ["--llamacpp-api-prefix", "/llm"]
            )
            processes.append(agent)
            try await waitUntilAtRest("knowing", balancer)
            for path in ["/v1/chat/completions", "/llm/v1/chat/completions", "/llm/completion"] {
                let body = #"{"prompt":"a","n_predict":2,"messages":[{"role":"user","content":"a"}],"max_tokens":2}"#
                let reply = try await RawClient.exchange("POST", path, port: balancer.port, body: body)
                #expect(reply.status == 200, "\(path): \(reply.text)")
            }
            for path in ["/slots", "/props", "/v1/models", "/metrics", "/health"] {
                for prefix in ["", "/llm"] {
                    #expect(try await RawClient.exchange("GET", prefix + path, port: balancer.port).status == 200)
                }
            }
            try await waitUntilAtRest("knowing", balancer)
        } catch {
            try await end(processes)
            throw error
        }
        try await end(processes)
    }

    @Test("a server on a UNIX socket is served, and found again when it comes back")
    func socket() async throws {
        let path = "/tmp/paddler-\(UUID().uuidString).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let balancer = try await Paddler.balancer()
        let management = "127.0.0.1:\(balancer.managementPort)"
        let agent = try Paddler.start([
            "agent", "--name", "socket", "--local-llamacpp-addr", "unix:\(path)", "--management-addr", management,
            "--monitoring-interval", "100ms", "--log-format", "json",
        ])
        var processes = [balancer.process, agent]
        do {
            try await condition("down", "there is no such socket on this machine", balancer)
            var server = try await LlamaServerProcess.start(onSocket: path)
            processes.append(server)
            try await waitUntilAtRest("socket", balancer)
            #expect(try await balancer.upstream(named: "socket")?.address == "unix:\(path)")
            #expect(try await Chat.short.exchange(port: balancer.port).status == 200)

            // By its address, as operators write it in a URL.
            let name = "unix%3A\(path.replacing("/", with: "%2F"))"
            for verb in ["drain", "undrain"] {
                let operation = "/api/v1/agents/\(name)/\(verb)"
                #expect(try await RawClient.exchange("POST", operation, port: balancer.managementPort).status == 200)
            }

            try await server.kill()
            try await condition("down", "connection refused", balancer)
            try FileManager.default.removeItem(atPath: path)
            server = try await LlamaServerProcess.start(onSocket: path)
            processes.append(server)
            try await waitUntilAtRest("socket", balancer)
            #expect(try await Chat.short.exchange(port: balancer.port).status == 200)
        } catch {
            try await end(processes)
            throw error
        }
        try await end(processes)
    }

    private func condition(_ condition: String, _ words: String, _ balancer: RunningBalancer) async throws {
        try await eventually(
            "\(condition): \(words)",
            { try await balancer.upstream(named: "socket") },
            satisfies: { $0?.condition == condition && $0?.error?.contains(words) == true }
        )
    }

    private func waitUntilAtRest(_ name: String, _ balancer: RunningBalancer) async throws {
        try await eventually(
            "\(name) at rest",
            within: .seconds(60),
            { try await balancer.upstream(named: name) },
            satisfies: { $0?.isAtRest == true }
        )
    }

    private func end(_ processes: [ChildProcess]) async throws {
        for process in processes { try await process.kill() }
    }
}
