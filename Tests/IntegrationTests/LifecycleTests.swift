import LoopbackPorts
import Testing

@testable import FakeLlamaServer

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Processes that come, go and come back.
@Suite("A fleet whose processes come and go", .serialized)
struct LifecycleTests {
    private static let path = "/v1/chat/completions"

    // MARK: - Agents

    @Test(
        "an agent that was killed and comes back finds its server with what runs there, counted once",
        .withEachAgentProgram
    )
    func agentRestarted() async throws {
        try await withFleet(servers: 1) { fleet in
            let holder = try await fleet.balancer.occupySlots(1)
            try await fleet.agents[0].kill()
            let again = try Paddler.agent(
                name: "again",
                watching: fleet.servers[0].port,
                reportingTo: [fleet.balancer.managementPort]
            )
            let upstreams = try await eventually("the agent's return") {
                try await fleet.balancer.upstreams()
            } satisfies: { upstreams in
                #expect(upstreams.count <= 1)
                #expect(upstreams.allSatisfy { $0.slotsTotal <= 2 && $0.slotsIdle <= 1 })
                return upstreams.first?.name == "again" && upstreams.first?.slotsIdle == 1
            }
            #expect(upstreams.first?.slotsLeased == 1)
            #expect(upstreams.first?.slotsForeign == 0)
            #expect(try await fleet.servers[0].counts().requestsCancelled == 0)
            for client in holder { await client.close() }
            try await fleet.waitUntilAtRest()
            try await again.kill()
        }
    }

    @Test(
        "a second agent for a server waits and is told so, does not double it, and takes over when the first is killed",
        .withEachAgentProgram
    )
    func twoAgents() async throws {
        try await withFleet(servers: 1) { fleet in
            let second = try Paddler.agent(
                name: "second",
                watching: fleet.servers[0].port,
                reportingTo: [fleet.balancer.managementPort]
            )
            try await eventually("a word for the second agent", equals: true) {
                second.lines.contains { $0.contains("another agent, agent-0") }
            }
            try await Self.wait(for: "agent-0", in: fleet)
            let holders = try await fleet.balancer.occupySlots(2)
            #expect(try await fleet.balancer.health().slotsIdle == 0)
            for holder in holders { await holder.close() }
            try await fleet.waitUntilAtRest()

            try await fleet.agents[0].kill()
            try await Self.wait(for: "second", in: fleet)
            try await fleet.waitUntilAtRest()
            try await second.kill()
            try await eventually("what became of it", equals: "lost") {
                try await fleet.balancer.upstreams().first?.state
            }
        }
    }

    private static func wait(for name: String, in fleet: Fleet) async throws {
        try await eventually("\(name) as the server's agent") {
            try await fleet.balancer.upstreams()
        } satisfies: { upstreams in
            #expect(upstreams.count <= 1)
            #expect(upstreams.allSatisfy { $0.slotsTotal <= 2 })
            return upstreams.first?.name == name && upstreams.first?.slotsIdle == 2
        }
    }

    @Test("SIGHUP ends no agent")
    func hangup() async throws {
        try await withFleet(servers: 1) { fleet in
            fleet.agents[0].signal(SIGHUP)
            try await fleet.agents[0].waitForLine(containing: "SIGHUP")
            fleet.agents[0].signal(SIGTERM)
            #expect(try await fleet.agents[0].waitUntilExit() == .code(0))
        }
    }

    @Test("an agent that is stopped takes its server out at once", .withEachAgentProgram, arguments: [SIGTERM, SIGINT])
    func agentStopped(signal: Int32) async throws {
        try await withFleet(servers: 1) { fleet in
            fleet.agents[0].signal(signal)
            #expect(try await fleet.agents[0].waitUntilExit() == .code(0))
            try await eventually("upstreams", equals: []) { try await fleet.balancer.upstreams() }
        }
    }

    // MARK: - The balancer

    @Test(
        "a balancer that was killed and comes back finds its fleet again",
        .withEachAgentProgram,
        arguments: [true, false]
    )
    func balancerRestarted(agentsToo: Bool) async throws {
        let ports = (proxy: try ReservedPort(), management: try ReservedPort())
        let arguments = [
            "--reverseproxy-port", "\(ports.proxy.port)", "--management-port", "\(ports.management.port)",
        ]
        try await withFleet(balancerArguments: arguments) { fleet in
            try await fleet.balancer.process.kill()
            var agents: [ChildProcess] = []
            if agentsToo {
                for (number, server) in fleet.servers.enumerated() {
                    try await fleet.agents[number].kill()
                    agents.append(
                        try Paddler.agent(
                            name: "new-\(number)",
                            watching: server.port,
                            reportingTo: [ports.management.port]
                        )
                    )
                }
                for agent in agents { try await agent.waitForLine(containing: "no connection to the balancer") }
            }
            let balancer = try await Paddler.balancer(arguments)
            try await balancer.waitForIdleSlots(4)
            let reply = try await RawClient.exchange("POST", Self.path, port: balancer.port, body: "{}")
            #expect(reply.status == 200)
            for process in agents + [balancer.process] { try await process.kill() }
        }
    }

    @Test(
        "a balancer that is stopped lets running and waiting requests end, and nobody in",
        .withEachAgentProgram,
        arguments: [SIGTERM, SIGINT]
    )
    func stopped(signal: Int32) async throws {
        let port = try ReservedPort()
        let arguments = ["--reverseproxy-port", "\(port.port)"]
        try await withFleet(servers: 1, slots: 1, balancerArguments: arguments) { fleet in
            let running = try await fleet.balancer.startUnreadStream()
            let waiting = try fleet.connect()
            try await waiting.send(RawClient.request("POST", Self.path, body: "{}"))
            try await fleet.balancer.waitUntilWaiting(1)
            let connected = try fleet.connect()
            try await connected.send(RawClient.request("GET", "/health"))
            #expect(try await connected.reply().status == 200)

            fleet.balancer.process.signal(signal)
            try await eventually("refusal of new connections") {
                do {
                    await (try fleet.connect()).close()
                    return false
                } catch is SocketError {
                    return true
                }
            }
            try await connected.send(RawClient.request("POST", Self.path, body: "{}"))
            let refusal = try await connected.reply()
            #expect(refusal.status == 503)
            #expect(refusal.failure?.message == "the balancer is shutting down")
            #expect(refusal["Connection"] == "close")

            #expect(UnreadStream.isWhole(try await running.readToEnd(within: .seconds(60)).bytes))
            let last = try await waiting.reply()
            #expect(last.status == 200)
            #expect(last.endedCleanly)
            #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
            let counts = try await fleet.servers[0].counts()
            #expect(counts.requestsCompleted == 2)
            #expect(counts.requestsCancelled == 0)
        }
    }

    @Test("a second signal in the same moment is the same wish: what runs gets its time")
    func stoppedTwiceInAMoment() async throws {
        try await withFleet(servers: 1) { fleet in
            let running = try await fleet.balancer.startUnreadStream()
            fleet.balancer.process.signal(SIGTERM)
            fleet.balancer.process.signal(SIGINT)
            try await fleet.balancer.process.waitForLine(containing: #""message":"stopping""#)
            #expect(UnreadStream.isWhole(try await running.readToEnd(within: .seconds(60)).bytes))
            #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
            #expect(fleet.balancer.process.lines.last?.contains("balancer stopped") == true)
        }
    }

    @Test("a second signal ends the balancer at once, and no answer looks whole")
    func stoppedTwice() async throws {
        try await withFleet(servers: 1) { fleet in
            let running = try await fleet.balancer.startUnreadStream()
            fleet.balancer.process.signal(SIGTERM)
            // Those of the first second are taken for the same wish.
            try await eventually("the balancer's end") {
                fleet.balancer.process.signal(SIGTERM)
                return fleet.balancer.process.exit != nil
            }
            #expect(fleet.balancer.process.exit == .code(128 + SIGTERM))
            let rest = try await running.readToEnd(within: .seconds(60)).bytes
            #expect(!UnreadStream.isWhole(rest))
            try await eventually("running requests", equals: 0) { try await fleet.servers[0].counts().runningNow }
        }
    }

    // MARK: - What needs no slot, or one particular server

    @Test("requests that need no slot are served while all are busy")
    func free() async throws {
        try await withFleet(slots: 1) { fleet in
            let holders = try await fleet.balancer.occupySlots(2)
            for (method, path) in [("GET", "/v1/models"), ("POST", "/tokenize"), ("GET", "/props"), ("GET", "/")] {
                let reply = try await fleet.exchange(method, path, body: method == "POST" ? "{}" : nil)
                #expect(reply.status == 200)
                #expect(reply["X-Fake-Server"] != nil)
            }
            #expect(try await fleet.balancer.health().slotsProcessing == 2)
            for holder in holders { await holder.close() }
        }
    }

    @Test("what belongs to one of two servers goes to the one whose agent is named")
    func singleServerPathsOfTwo() async throws {
        try await withFleet(balancerArguments: Self.everythingOpen) { fleet in
            for (method, path) in Self.singleServerPaths + [("GET", "/metrics"), ("POST", "/v1/chat/completions")] {
                for index in [1, 0] {
                    let reply = try await fleet.exchange(
                        method,
                        path,
                        headers: ["X-Paddler-Agent": "agent-\(index)"],
                        body: method == "POST" ? "{}" : nil
                    )
                    #expect(reply["X-Fake-Server"] == "fake-\(index)")
                    #expect(reply["X-Paddler-Upstream"] == "agent-\(index)")
                }
            }
            let nobody = try await fleet.exchange("GET", "/slots", headers: ["X-Paddler-Agent": "agent-2"])
            #expect(nobody.status == 404)
            #expect(
                nobody.failure?.message
                    == "no agent goes by 'agent-2', which X-Paddler-Agent names; there is: 'agent-0', 'agent-1'"
            )
            let unnamed = try await fleet.exchange("POST", "/slots/0?action=save", body: "{}")
            #expect(unnamed.status == 400)
            #expect(
                unnamed.failure?.message
                    == "this path belongs to one particular llama.cpp server, and 2 are registered here: name one in the "
                    + "header X-Paddler-Agent; there is: 'agent-0', 'agent-1'"
            )
        }
    }

    @Test("what each of two servers says of itself, one of them says, and what all can do is done by all")
    func unnamedOfTwo() async throws {
        try await withFleet(balancerArguments: Self.everythingOpen) { fleet in
            for path in ["/slots", "/props", "/lora-adapters"] {
                let reply = try await fleet.exchange("GET", path)
                #expect(reply.status == 200)
                let server = try #require(reply["X-Fake-Server"])
                #expect(reply["X-Paddler-Upstream"] == server.replacing("fake", with: "agent"))
            }
            let reply = try await fleet.exchange("POST", "/lora-adapters", body: "[]")
            #expect(reply.status == 200)
            #expect(reply.text == #"{"success":true}"#)
        }
    }

    @Test("a conversation's answer is found again at the one of two servers that has it")
    func conversations() async throws {
        try await withFleet { fleet in
            var holders: [String: String] = [:]
            for conversation in ["c-1", "c-2", "c-3"] {
                let busy = conversation == "c-2" ? try await fleet.balancer.occupySlots(1) : []
                let reply = try await fleet.exchange(
                    headers: ["X-Conversation-Id": conversation],
                    body: #"{"stream":true}"#
                )
                let holder: String = try #require(reply["X-Fake-Server"])
                holders[conversation] = holder
                for client in busy { await client.close() }
                try await fleet.waitUntilAtRest()
            }
            #expect(Set(holders.values).count == 2)
            for (conversation, server) in holders {
                let reply = try await fleet.exchange("GET", "/v1/stream?conv_id=\(conversation)&from=0")
                #expect(reply.status == 200)
                #expect(reply["X-Fake-Server"] == server)
                #expect(reply["X-Paddler-Upstream"] == server.replacing("fake", with: "agent"))
            }
            let question = #"{"conversation_ids":["c-1","c-2","c-3","c-4"]}"#
            let list = try await fleet.exchange("POST", "/v1/streams/lookup", body: question)
            for conversation in holders.keys { #expect(list.text.contains("\"\(conversation)\"")) }
            #expect(!list.text.contains("c-4"))
            let ended = try await fleet.exchange("DELETE", "/v1/stream?conv_id=c-2")
            #expect(ended.status == 204)
            #expect(ended["X-Fake-Server"] == holders["c-2"])
            for conversation in ["c-2", "c-4"] {
                #expect(try await fleet.exchange("GET", "/v1/stream?conv_id=\(conversation)").status == 404)
            }
            let control = #"{"id":"fake-1","action":"reasoning_end"}"#
            let steered = try await fleet.exchange("POST", "/v1/chat/completions/control", body: control)
            #expect(steered.text == #"{"success":true}"#)
        }
    }

    @Test("what belongs to one server is passed on where there is one")
    func singleServerPathsOfOne() async throws {
        try await withFleet(servers: 1, balancerArguments: Self.everythingOpen) { fleet in
            for (method, path) in Self.singleServerPaths {
                let reply = try await fleet.exchange(method, path, body: method == "POST" ? "{}" : nil)
                #expect(reply["X-Fake-Server"] == "fake-0")
                #expect(reply["X-Paddler-Upstream"] == nil)
                #expect(reply.status == (["/props", "/v1/stream?conv_id=1"].contains(path) ? 404 : 200))
            }
            #expect(try await Self.echo(of: fleet).contains("X-Conversation-Id: c1\r\n"))
        }
    }

    private static let everythingOpen = ["--slots-endpoint-enable", "--admin-endpoints-enable"]
    private static let singleServerPaths = [
        ("GET", "/slots"), ("POST", "/slots/0?action=save"), ("GET", "/lora-adapters"), ("POST", "/lora-adapters"),
        ("POST", "/props"), ("GET", "/v1/stream?conv_id=1"), ("POST", "/v1/streams/lookup"),
        ("POST", "/v1/chat/completions/control"),
    ]

    private static func echo(of fleet: Fleet) async throws -> String {
        let headers = ["X-Conversation-Id": "c1", "X-Fake-Echo": "1"]
        return try await fleet.exchange("POST", path, headers: headers, body: "{}").text
    }
}
