import LlamaServer
import Scheduling
import Testing

@testable import Management

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Draining", .timeLimit(.minutes(1)))
struct DrainTests {
    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }
    private let address = NetworkAddress(host: "127.0.0.1", port: 1)

    private func register(_ id: String, at address: NetworkAddress) {
        let now = fleet.now()
        fleet.reported(
            UpstreamReport(
                agent: AgentID(rawValue: id),
                route: UpstreamRoute(address: address),
                condition: .ready,
                slots: SlotSample(total: 2, processing: 0, taken: now...now),
                maximumSilence: .seconds(7)
            )
        )
    }

    @Test(
        "an upstream is drained and undrained by its agent's id and by its address",
        arguments: ["gpu-1", "127.0.0.1:1", "127.0.0.1%3A1", "%67pu-1"]
    )
    func drain(name: String) async throws {
        register("gpu-1", at: address)
        register("gpu-2", at: NetworkAddress(host: "127.0.0.1", port: 2))
        try await harness.run { client in
            let drained = try await client.send("POST", "/api/v1/agents/\(name)/drain")
            #expect(drained.status == 200)
            let agent = try JSONDecoder().decode(AgentsReply.Agent.self, from: Data(drained.body.utf8))
            #expect(agent.agentID == "gpu-1")
            #expect(agent.isDraining)
            #expect(agent.state == .draining)
            #expect(fleet.snapshot().summary.usable == 1)

            let undrained = try await client.send("POST", "/api/v1/agents/\(name)/undrain")
            #expect(undrained.body.contains(#""state":"usable""#))
            #expect(fleet.snapshot().summary.usable == 2)
        }
    }

    @Test("an IPv6 address is found, its brackets encoded or not")
    func ipv6() async throws {
        register("gpu-1", at: NetworkAddress(host: "::1", port: 8088))
        try await harness.run { client in
            let reply = try await client.send("POST", "/api/v1/agents/%5B%3A%3A1%5D%3A8088/drain")
            #expect(reply.status == 200)
        }
        #expect(fleet.events.last == .drains(NetworkAddress(host: "::1", port: 8088), true))
    }

    @Test("what isn't known is answered 404 in words", arguments: ["gpu-9", "127.0.0.1:9", "%C3%A9"])
    func unknown(name: String) async throws {
        register("gpu-1", at: address)
        try await harness.run { client in
            for action in ["drain", "undrain"] {
                let reply = try await client.send("POST", "/api/v1/agents/\(name)/\(action)")
                #expect(reply.status == 404)
                #expect(reply.body.contains("GET /api/v1/agents lists them"))
            }
        }
        #expect(fleet.snapshot().summary.usable == 1)
    }

    @Test("an upstream whose agent is away can be undrained")
    func away() async throws {
        register("gpu-1", at: address)
        try await harness.run { client in
            _ = try await client.send("POST", "/api/v1/agents/gpu-1/drain")
            fleet.agentLeft(AgentID(rawValue: "gpu-1"))
            #expect(fleet.snapshot().upstreams.isEmpty)
            let reply = try await client.send("POST", "/api/v1/agents/127.0.0.1:1/undrain")
            #expect(reply.status == 404)
        }
        register("gpu-1b", at: address)
        #expect(fleet.snapshot().summary.usable == 1)
    }

    @Test("what is not percent-encoded text is refused", arguments: ["%", "%4", "%zz", "%FF"])
    func encoding(name: String) async throws {
        try await harness.run { client in
            let answer = try await RawConnection.with(client.address) { connection in
                try await connection.say("POST /api/v1/agents/\(name)/drain HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return try await connection.hear(to: "\r\n\r\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test("what is refused to HEAD has no body")
    func head() async throws {
        try await harness.run { client in
            let answers = try await RawConnection.with(client.address) { connection in
                for _ in 1...2 {
                    try await connection.say("HEAD /api/v1/agents/gpu-1/drain HTTP/1.1\r\nHost: localhost\r\n\r\n")
                }
                return (try await connection.hear(to: "\r\n\r\n"), try await connection.hear(to: "\r\n\r\n"))
            }
            #expect(answers.0.hasPrefix("HTTP/1.1 405 ") && answers.1.hasPrefix("HTTP/1.1 405 "))
        }
    }

    @Test("only POST drains", arguments: ["GET", "HEAD", "PUT", "DELETE"])
    func methods(method: String) async throws {
        register("gpu-1", at: address)
        try await harness.run { client in
            let reply = try await client.send(method, "/api/v1/agents/gpu-1/drain")
            #expect(reply.status == 405)
            #expect(reply.allow == "POST")
        }
        #expect(fleet.snapshot().summary.usable == 1)
    }
}
