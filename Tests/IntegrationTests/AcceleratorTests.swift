import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Agents on a machine with two GPUs, as its `nvidia-smi` says.
@Suite("GPUs of machines", .serialized, .enabled(if: ProcessTable.isAvailable))
struct AcceleratorTests {
    private struct View: Decodable {
        struct Agent: Decodable {
            let name: String
            let accelerators: [Accelerator]

            enum CodingKeys: String, CodingKey {
                case name = "agent_name"
                case accelerators
            }
        }

        struct Accelerator: Decodable {
            let id: String
            let name: String
            let used: Int?
            let celsius: Double?

            enum CodingKeys: String, CodingKey {
                case id, name, celsius
                case used = "memory_used_bytes"
            }
        }

        let agents: [Agent]
    }

    private static let listing = """
        GPU-1, NVIDIA GeForce RTX 3090, 20480, 24576, 83, 90
        GPU-2, NVIDIA A100-SXM4-40GB, 1024, 40960, [N/A], 40
        """

    /// - Returns: variables of a process that finds this tool and no other.
    private func tool(_ script: String, in folder: URL) throws -> [String: String] {
        let file = folder.appendingPathComponent("nvidia-smi")
        try "#!/bin/sh\n\(script)\n".write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        return ["PATH": "\(folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
    }

    private func agents(_ balancer: RunningBalancer) async throws -> [View.Agent] {
        let reply = try await RawClient.exchange("GET", "/api/v1/agents", port: balancer.managementPort)
        return try JSONDecoder().decode(View.self, from: Data(reply.body)).agents
    }

    @Test("two agents of one machine report them, metrics and the dashboard have each once")
    func reported() async throws {
        try await withTemporaryFolder { folder in
            let environment = try tool("cat <<'END'\n\(Self.listing)\nEND", in: folder)
            let balancer = try await Paddler.balancer(["--management-dashboard-enable", "--metrics-endpoint-enable"])
            var processes = [balancer.process]
            for number in 0..<2 {
                let fake = try await FakeServer.start(slots: 2)
                let agent = try Paddler.agent(
                    name: "agent-\(number)",
                    watching: fake.port,
                    reportingTo: [balancer.managementPort],
                    environment: environment
                )
                processes += [fake.process, agent]
            }
            // A tool that a busy machine keeps waiting for five seconds is killed, and run again after ten.
            try await eventually("GPUs of both", within: .seconds(60), { try await agents(balancer) }) { agents in
                agents.count == 2 && agents.allSatisfy { $0.accelerators.map(\.id) == ["GPU-1", "GPU-2"] }
            }
            let first = try #require(try await agents(balancer).first?.accelerators.first)
            #expect(first.name == "NVIDIA GeForce RTX 3090" && first.used == 20480 << 20 && first.celsius == 90)

            let metrics = try await RawClient.exchange("GET", "/metrics", port: balancer.managementPort).text
            let used = metrics.split(separator: "\n").filter {
                $0.hasPrefix("paddler_accelerator_memory_bytes{") && $0.contains(#"kind="used""#)
            }
            #expect(used.count == 2)
            if ClientScript.hasBrowser {
                let url = "http://127.0.0.1:\(balancer.managementPort)"
                try await ClientScript.run("dashboard_client.py", [url, "accelerators"])
            }
            for process in processes.reversed() { try await process.kill() }
        }
    }

    @Test("a process that runs several models looks once for all of them, loaded or not")
    func severalModels() async throws {
        try await withTemporaryFolder { folder in
            // Each run is another GPU.
            let runs = folder.appendingPathComponent("runs").path
            let script = "echo >> \(runs)\necho \"GPU-$(wc -l < \(runs) | tr -d ' '), T4, 1, 2, 3, 4\""
            let environment = try tool(script, in: folder)
            let balancer = try await Paddler.balancer()
            let file = folder.appendingPathComponent("models.yaml")
            let models = ["a", "b", "c"].map {
                "  - {name: \($0), command: \"/bin/sh -c exit ${host} ${port}\", memory: 1MB}\n"
            }
            try "memory: 1GB\nmodels:\n\(models.joined())".write(to: file, atomically: true, encoding: .utf8)
            let agent = try Paddler.start(
                ["agent", "--config", file.path, "--management-addr", "127.0.0.1:\(balancer.managementPort)"],
                environment: environment
            )
            try await eventually("one look for all", { try await agents(balancer) }) { agents in
                agents.count == 3 && Set(agents.map { $0.accelerators.map(\.id) }).count == 1
                    && agents[0].accelerators.count == 1
            }
            for process in [agent, balancer.process] { try await process.kill() }
        }
    }

    @Test("a tool that hangs keeps no agent from its work or its end, and doesn't outlive it")
    func hanging() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("pid")
            let script =
                "trap '' TERM INT\necho $$ > \(file.path).new\nmv \(file.path).new \(file.path)\nexec sleep 600"
            let environment = try tool(script, in: folder)
            let balancer = try await Paddler.balancer()
            let fake = try await FakeServer.start(slots: 2)
            let agent = try Paddler.agent(
                name: "agent",
                watching: fake.port,
                reportingTo: [balancer.managementPort],
                environment: environment
            )
            try await balancer.waitForIdleSlots(2)
            let pid = try await eventually("the tool", { try? String(contentsOf: file, encoding: .utf8) }) { $0 != nil }
            let tool = try #require(pid.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) })
            #expect(try await agents(balancer).first?.accelerators.isEmpty == true)
            agent.signal(SIGTERM)
            #expect(try await agent.waitUntilExit() == .code(0))
            try await eventually("no tool", { ProcessTable.isRunning(tool) }) { !$0 }
            for process in [fake.process, balancer.process] { try await process.kill() }
        }
    }
}
