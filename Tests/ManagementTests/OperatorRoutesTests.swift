import FleetMetrics
import LlamaServer
import Scheduling
import Testing

@testable import Management

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite(.timeLimit(.minutes(1)))
struct OperatorRoutesTests {
    private let harness = ManagementHarness()

    private func report(
        _ id: String,
        port: Int,
        condition: Scheduling.Condition = .ready,
        total: Int = 4,
        processing: Int = 0
    ) {
        harness.fleet.reported(
            Reports.ready(
                id,
                port: port,
                condition: condition,
                total: total,
                processing: processing,
                at: harness.fleet.now()
            )
        )
    }

    @Test("what is lost says what to do: look after the machine, or give its agent a token")
    func lossHints() async throws {
        let harness = ManagementHarness()
        for (number, departure) in [Departure.connectionEnded, .tokenWithdrawn].enumerated() {
            harness.fleet.reported(Reports.ready("a-\(number)", port: number + 1, at: harness.fleet.now()))
            harness.fleet.agentLeft(AgentID(rawValue: "a-\(number)"), departure)
        }
        try await harness.run { client in
            let body = try await client.send("GET", "/api/v1/agents").body
            #expect(body.contains("see whether the machine and its agent run; if it is gone for good"))
            #expect(body.contains("give its agent one of the management tokens; if it is gone for good"))
            #expect(body.contains("its agent's token is not one of the management tokens any more"))
        }
    }

    @Test("the agents are listed with the fields of Paddler 1.x, the next to be picked first")
    func agents() async throws {
        report("busy", port: 1, processing: 3)
        report("idle", port: 2)
        report("locked", port: 3, condition: .unauthorized)
        try await harness.run { client in
            let reply = try await client.send("GET", "/api/v1/agents")
            #expect(reply.status == 200)
            #expect(reply.contentType == "application/json; charset=utf-8")
            let agents = try JSONDecoder().decode(AgentsReply.self, from: Data(reply.body.utf8)).agents
            #expect(agents.map(\.agentID) == ["idle", "busy", "locked"])
            #expect(agents.map(\.slotsIdle) == [4, 1, 0])
            #expect(agents[1].slotsProcessing == 3)
            #expect(agents[1].slotsForeign == 3)
            #expect(agents[0].externalAddress == "127.0.0.1:2")
            #expect(agents[0].state == .usable)
            #expect(agents[0].isAuthorized == true)
            #expect(agents[2].state == .notReady)
            #expect(agents[2].isAuthorized == false)
            #expect(agents[2].isSlotsEndpointEnabled == nil)
            #expect(agents[2].hint?.contains("--local-llamacpp-api-key") == true)
            // Readers of 1.x's answers expect the keys of what isn't known, too.
            #expect(reply.body.contains(#""quarantined_until":null"#))
            #expect(reply.body.contains(#""last_update":{"nanos_since_epoch":"#))
        }
    }

    @Test("a balancer without agents answers with an empty list")
    func noAgents() async throws {
        try await harness.run { client in
            let reply = try await client.send("GET", "/api/v1/agents")
            #expect(reply.body.hasPrefix(#"{"agents":[],"fleet":{"#))
        }
    }

    @Test("the fleet in numbers, and the last quarter of an hour")
    func history() async throws {
        report("a", port: 1, processing: 1)
        await harness.history.record(second: 0)
        harness.fleet.advance(by: .seconds(1))
        report("a", port: 1, processing: 3)
        await harness.history.record(second: 1)
        try await harness.run { client in
            let agents = try await client.send("GET", "/api/v1/agents")
            let fleet = try JSONDecoder().decode(AgentsReply.self, from: Data(agents.body.utf8)).fleet
            #expect(fleet.version == "9.9.9")
            #expect(fleet.slotsIdle == 1)
            #expect(fleet.usable == 1)
            #expect(fleet.sample?.number == 1)
            #expect(fleet.sample?.slotsBusy == 3)
            let reply = try await client.send("GET", "/api/v1/history")
            let history = try JSONDecoder().decode(HistoryReply.self, from: Data(reply.body.utf8))
            #expect(history.lastNumber == 1)
            #expect(history.endsAt == fleet.time)
            #expect(history.columns.slotsBusy == [1, 3])
            #expect(history.columns.timeToFirstTokenMedian == [nil, nil])
        }
    }

    @Test("of several models each is told of in numbers; of one there is nothing to tell")
    func models() async throws {
        report("a", port: 1, processing: 1)
        try await harness.run { client in
            #expect(try await client.send("GET", "/api/v1/agents").body.contains(#""models":[],"oldest_wait_ms""#))
            harness.fleet.reported(Reports.ready("b", port: 2, total: 2, models: ["n"], at: harness.fleet.now()))
            let reply = try await client.send("GET", "/api/v1/agents")
            let models = try JSONDecoder().decode(AgentsReply.self, from: Data(reply.body.utf8)).fleet.models
            #expect(models.map(\.name) == ["m", "n"])
            #expect(models.map(\.usable) == [1, 1] && models.map(\.registered) == [1, 1])
            #expect(models.map(\.slotsTotal) == [4, 2])
            #expect(models.map(\.slotsIdle) == [3, 2] && models.map(\.slotsProcessing) == [1, 0])
            #expect(models.map(\.queued) == [0, 0] && models.map(\.oldestWaitMilliseconds) == [nil, nil])
        }
    }

    @Test("before the first second there is no history, and that isn't an error")
    func noHistory() async throws {
        try await harness.run { client in
            let reply = try await client.send("GET", "/api/v1/history")
            #expect(reply.status == 200)
            let history = try JSONDecoder().decode(HistoryReply.self, from: Data(reply.body.utf8))
            #expect(history.lastNumber == nil)
            #expect(history.columns.queued.isEmpty)
        }
    }

    @Test("who asks how many requests wait is told how many may, and since when")
    func bufferedRequests() async throws {
        try await harness.run { client in
            let reply = try await client.send("GET", "/api/v1/buffered_requests")
            #expect(reply.body == #"{"buffered_requests_count":0,"maximum":1024,"oldest_wait_ms":null}"#)
        }
    }

    @Test("health tells the slots of the fleet, also under the names of Paddler 0.x")
    func health() async throws {
        report("a", port: 1, processing: 1)
        try await harness.run { client in
            let reply = try await client.send("GET", "/health")
            #expect(reply.status == 200)
            let health = try JSONDecoder().decode(HealthReply.self, from: Data(reply.body.utf8))
            #expect(health.status == "ok")
            #expect(health.version == "9.9.9")
            #expect(health.registeredTargets == 1)
            #expect(health.slotsIdle == 3)
            #expect(health.slotsProcessing == 1)
        }
    }

    @Test(
        "what isn't served is answered with an error like llama-server's",
        arguments: [
            ("GET", "/nothing", 404), ("POST", "/v1/chat/completions", 404), ("POST", "/health", 405),
            ("DELETE", "/api/v1/agents", 405), ("GET", "/api/v1/agents/a/connection", 405),
        ]
    )
    func errors(method: String, path: String, status: Int) async throws {
        try await harness.run { client in
            let reply = try await client.send(method, path)
            #expect(reply.status == status)
            #expect(reply.body.hasPrefix(#"{"error":{"code":\#(status),"#))
            #expect((reply.allow != nil) == (status == 405))
        }
    }

    @Test("a body that nobody needs is refused when it is large")
    func largeBody() async throws {
        try await harness.run { client in
            let large = String(repeating: "x", count: OperatorRoutes.maximumBodyBytes + 1)
            let reply = try await client.send("GET", "/health", body: large)
            #expect(reply.status == 413)
            #expect(reply.body.contains(#""code":413"#))
        }
    }
}
