import Foundation
import Testing

/// Which server a request gets, and why.
extension RealServerTests {
    private struct Told: Decodable {
        struct Upstream: Decodable {
            let agent_name: String
            let prompt_bytes_found: Int
        }
        let outcome: String
        let reason: String?
        let upstreams: [Upstream]
    }

    @Test("the same prompt goes to the same server again, which was told beforehand, and asking changes nothing")
    func explained() async throws {
        try await withRealFleet { fleet in
            let text = String(repeating: "Tell me of servers that know what was said. ", count: 30)
            let body = #"{"messages":[{"role":"user","content":"\#(text)"}],"max_tokens":2}"#
            let first = try await asked(body, fleet)
            #expect(first["X-Paddler-Reason"] == "least-busy")
            let server = try #require(first["X-Paddler-Upstream"])
            try await fleet.waitUntilAtRest()

            let before = try await counters(of: fleet)
            #expect(!before.isEmpty)
            let told = try await told(body, fleet)
            #expect(try await counters(of: fleet) == before)
            #expect(told.outcome == "dispatch")
            #expect(told.upstreams.map(\.agent_name).first == server)
            #expect(told.upstreams.count == 2)
            #expect(told.upstreams.first?.prompt_bytes_found ?? 0 > 1000)
            #expect(told.upstreams.last?.prompt_bytes_found == 0)

            let second = try await asked(body, fleet)
            #expect(second["X-Paddler-Upstream"] == server)
            let reason = try #require(second["X-Paddler-Reason"])
            #expect(reason.hasPrefix("prompt;cached="))
            #expect(told.reason == reason)
            try await fleet.waitUntilAtRest()

            let file = TemporaryFile(body)
            defer { file.remove() }
            let command = try Paddler.start(
                ["explain", file.path, "--management-addr", "127.0.0.1:\(fleet.balancer.managementPort)"]
            )
            let line = try await command.waitForLine(containing: "It would go to \(server)")
            #expect(line.contains("prompt;cached="))
            #expect(try await command.waitUntilExit() == .code(0))
        }
    }

    private struct TemporaryFile {
        let path = NSTemporaryDirectory() + "explain-\(UInt64.random(in: 0 ... .max)).json"

        init(_ text: String) { _ = FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) }

        func remove() { try? FileManager.default.removeItem(atPath: path) }
    }

    private func asked(_ body: String, _ fleet: RealFleet) async throws -> HTTPReply {
        let reply = try await RawClient.exchange(
            "POST",
            "/v1/chat/completions",
            port: fleet.balancer.port,
            headers: ["X-Paddler-Explain": "1"],
            body: body
        )
        #expect(reply.status == 200)
        return reply
    }

    private func told(_ body: String, _ fleet: RealFleet) async throws -> Told {
        let port = fleet.balancer.managementPort
        let reply = try await RawClient.exchange("POST", "/api/v1/explain", port: port, body: body)
        #expect(reply.status == 200)
        return try JSONDecoder().decode(Told.self, from: Data(reply.body))
    }

    /// What requests change, and nothing else.
    private func counters(of fleet: RealFleet) async throws -> [String] {
        let reply = try await RawClient.exchange("GET", "/metrics", port: fleet.balancer.managementPort)
        let names = ["paddler_requests", "paddler_prompt", "paddler_queue", "paddler_slots"]
        return String(decoding: reply.body, as: UTF8.self).split(separator: "\n").map(String.init).filter { line in
            names.contains { line.hasPrefix($0) }
        }
    }
}
