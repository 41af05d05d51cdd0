import Testing

@testable import FakeLlamaServer

/// What agents find out about their servers, and what follows.
@Suite("A fleet in which servers are not ready", .serialized, .withEachAgentProgram)
struct ConditionTests {
    struct Finding: Sendable, CustomTestStringConvertible {
        let kind: FaultKind
        var path: String?
        let condition: String
        let hint: String

        var testDescription: String { condition }
    }

    @Test(
        "operators see what is wrong with a server and what to do, and no request goes there",
        arguments: [
            Finding(kind: .loading, condition: "loading", hint: "wait until the model is loaded"),
            Finding(
                kind: .unauthorized,
                condition: "unauthorized",
                hint: "pass --local-llamacpp-api-key to the agent"
            ),
            Finding(kind: .slotsDisabled, condition: "slots_disabled", hint: "start llama-server with --slots"),
            Finding(
                kind: .healthHang,
                condition: "unresponsive",
                hint: "see whether llama-server hangs or its machine is overloaded"
            ),
            Finding(
                kind: .refuse,
                condition: "down",
                hint: "start llama-server, or correct the agent's --local-llamacpp-addr"
            ),
            Finding(
                kind: .error500,
                path: "/health",
                condition: "unexpected",
                hint: "see whether the agent's --local-llamacpp-addr is that of a llama-server, and read its log"
            ),
        ]
    )
    func found(_ finding: Finding) async throws {
        try await withFleet(
            serverArguments: ["--token-delay", "0ms"],
            agentArguments: ["--monitoring-interval", "100ms"]
        ) { fleet in
            try await fleet.servers[0].fault(finding.kind, path: finding.path)
            let seen = try await eventually("the condition \(finding.condition)") {
                try await fleet.balancer.upstream(named: "agent-0")
            } satisfies: {
                $0?.condition == finding.condition
            }
            #expect(seen?.state == "not_ready")
            #expect(seen?.hint == finding.hint)
            #expect(seen?.slotsIdle == 0)
            for _ in 0..<5 { #expect(try await fleet.exchange(body: "{}")["X-Fake-Server"] == "fake-1") }
            #expect(try await fleet.servers[0].counts().requestsReceived == 0)

            try await fleet.servers[0].clearFaults()
            try await fleet.waitUntilAtRest()
            #expect(try await fleet.balancer.upstream(named: "agent-0")?.hint == nil)
        }
    }

    @Test("a llama-server in router mode isn't used, and operators read why")
    func router() async throws {
        try await withFleet { fleet in
            let router = try await FakeServer.start(arguments: ["--router-mode"])
            let agent = try Paddler.agent(
                name: "router",
                watching: router.port,
                reportingTo: [fleet.balancer.managementPort]
            )
            let seen = try await eventually("the condition of a router") {
                try await fleet.balancer.upstream(named: "router")
            } satisfies: {
                $0?.condition == "unexpected"
            }
            #expect(seen?.state == "not_ready" && seen?.slotsIdle == 0)
            #expect(seen?.error?.contains("it runs in router mode, for several models, which is not served") == true)
            for process in [agent, router.process] { try await process.kill() }
        }
    }

    @Test("a healthy server whose busy slots stand still gets nothing new until something moves, and then goes on")
    func stuck() async throws {
        try await withFleet(
            serverArguments: ["--token-delay", "10ms", "--tokens", "20"],
            agentArguments: ["--monitoring-interval", "100ms", "--stuck-after", "1s"]
        ) { fleet in
            try await fleet.servers[0].fault(.stall)
            // One goes to each.
            let clients = [try fleet.connect(), try fleet.connect()]
            for client in clients {
                try await client.send(RawClient.request("POST", "/v1/chat/completions", body: #"{"stream":true}"#))
            }
            let seen = try await eventually("the condition stuck", within: .seconds(60)) {
                try await fleet.balancer.upstream(named: "agent-0")
            } satisfies: {
                $0?.condition == "stuck"
            }
            #expect(seen?.state == "not_ready")
            #expect(seen?.error?.hasPrefix("llama-server is stuck: no progress in its busy slot since 20") == true)
            #expect(seen?.hint?.contains("--stuck-after") == true)
            #expect(seen?.slotsIdle == 0)
            #expect(seen?.slotsLeased == 1)
            for _ in 0..<5 { #expect(try await fleet.exchange(body: "{}")["X-Fake-Server"] == "fake-1") }
            #expect(try await fleet.servers[0].counts().requestsReceived == 1)
            #expect(try await fleet.balancer.upstream(named: "agent-0")?.condition == "stuck")

            try await fleet.servers[0].clearFaults()
            for client in clients {
                let reply = try await client.reply(within: .seconds(60))
                #expect(reply.status == 200)
                #expect(reply.endedCleanly)
                #expect(reply.text.contains("[DONE]"))
            }
            try await fleet.waitUntilAtRest()
            #expect(try await fleet.balancer.upstream(named: "agent-0")?.error == nil)
        }
    }
}
