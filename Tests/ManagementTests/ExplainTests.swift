import Foundation
import LlamaServer
import Scheduling
import Synchronization
import Testing

@testable import AccessControl
@testable import Management

@Suite("What would become of a request", .timeLimit(.minutes(1)))
struct ExplainTests {
    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }

    private func explained(_ reply: TestReply) throws -> ExplanationReply {
        try JSONDecoder().decode(ExplanationReply.self, from: Data(reply.body.utf8))
    }

    @Test("it is told of every server, the chosen one first, and nothing is changed")
    func told() async throws {
        fleet.reported(Reports.ready("one", port: 1, total: 2, processing: 1, at: fleet.now()))
        fleet.reported(Reports.ready("two", port: 2, total: 2, at: fleet.now()))
        fleet.reported(Reports.ready("three", port: 3, condition: .loading, at: fleet.now()))
        let before = fleet.snapshot()
        try await harness.run { client in
            let reply = try await client.send("POST", "/api/v1/explain", body: #"{"model":"m","n":2}"#)
            #expect(reply.status == 200)
            let explanation = try explained(reply)
            #expect(explanation.outcome == "dispatch")
            #expect(explanation.upstream == "127.0.0.1:2")
            #expect(explanation.reason == "least-busy;slots=2")
            #expect(explanation.model == "m")
            #expect(explanation.modelResolution == "any")
            #expect(explanation.slots == 2)
            #expect(explanation.upstreams.map(\.agentID) == ["two", "one", "three"])
            #expect(explanation.upstreams.map(\.obstacle) == [nil, "too_few_idle_slots", "not_ready"])
            #expect(explanation.upstreams.last?.why == "its agent says that it isn't ready: loading")
            let one = try explained(await client.send("POST", "/api/v1/explain?limit=1", body: "{}"))
            #expect(one.upstreams.count == 1)
            #expect(one.upstreamsTotal == 3)
        }
        #expect(fleet.snapshot() == before)
    }

    @Test("the request is what the client would send, with what its head says")
    func request() async throws {
        try await harness.run { client in
            _ = try await client.send(
                "POST",
                "/api/v1/explain?path=%2Fcompletion",
                headers: ["X-Session-Id": "s", "X-Paddler-Agent": "a", "Content-Type": "application/json"],
                body: "{}"
            )
            _ = try await client.send("POST", "/api/v1/explain", body: "{ }")
        }
        #expect(
            fleet.asked.withLock { $0 } == [
                AskedRequest(path: "/completion", body: Array("{}".utf8), session: "s", agent: "a"),
                AskedRequest(path: "/v1/chat/completions", body: Array("{ }".utf8)),
            ]
        )
    }

    @Test(
        "mistakes are answered in words",
        arguments: [
            ("?limit=0", 400, "limit="), ("?limit=1001", 400, "1000"), ("?path=completion", 400, "slash"),
            ("?path=/v1/models", 400, "no slot"),
        ]
    )
    func mistakes(query: String, status: Int, mention: String) async throws {
        try await harness.run { client in
            let reply = try await client.send("POST", "/api/v1/explain" + query, body: "{}")
            #expect(reply.status == status)
            #expect(reply.body.contains(mention))
        }
    }

    @Test(
        "a body that no llama-server would take is answered 400",
        arguments: ["\0", "[]", "\"a\"", "{\"a\":}", "{} {}"]
    )
    func garbled(body: String) async throws {
        try await harness.run { client in
            let reply = try await client.send("POST", "/api/v1/explain", body: body)
            #expect(reply.status == 400 && reply.body.contains("not a JSON object"))
        }
    }

    @Test("a request without a body, and a form, are looked at")
    func others() async throws {
        try await harness.run { client in
            for body in ["", "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--x--\r\n"] {
                let reply = try await client.send("POST", "/api/v1/explain?path=/v1/audio/transcriptions", body: body)
                #expect(reply.status == 200)
                #expect(try explained(reply).model == (body.isEmpty ? nil : "m"))
            }
        }
    }

    @Test("the paths that are described are those that take a slot")
    func paths() async throws {
        try await harness.run { client in
            let text = try await client.send("GET", "/api/v1/openapi.json").body
            let description = try JSONDecoder().decode(PathsOfDescription.self, from: Data(text.utf8))
            let parameters = try #require(description.paths["/api/v1/explain"]?.post?.parameters)
            let paths = try #require(parameters.first { $0.name == "path" }?.schema?.enum)
            for path in paths {
                guard case .slot = Endpoint.classify(isPost: true, path: Array(path.utf8).span) else {
                    Issue.record("\(path) takes no slot")
                    continue
                }
            }
            #expect(paths.count == 19)
        }
    }

    private struct PathsOfDescription: Decodable {
        let paths: [String: Item]

        struct Item: Decodable { let post: Operation? }
        struct Operation: Decodable { let parameters: [Parameter]? }
        struct Parameter: Decodable {
            let name: String?
            let schema: Schema?
        }
        struct Schema: Decodable { let `enum`: [String]? }
    }

    @Test("of a tenant it is told what it has, and which class it is in")
    func tenant() async throws {
        var harness = harness
        var numbers = TenantNumbers()
        let file = "tenants:\n  team-a: {keys: k, max-running: 3, class: interactive}\n"
        harness.askers = TenantRing(try TenantsFileText(Array(file.utf8), &numbers).directory)
        harness.fleet.reported(Reports.ready("one", port: 1, total: 2, at: harness.fleet.now()))
        try await harness.run { client in
            let reply = try await client.send("POST", "/api/v1/explain?tenant=team-a", body: "{}")
            let explanation = try explained(reply)
            #expect(explanation.servedClass == "interactive" && explanation.outcome == "dispatch")
            let tenant = try #require(explanation.tenant)
            #expect(tenant.name == "team-a" && tenant.maximumRunning == 3 && tenant.maximumWaiting == nil)
            #expect(
                tenant.running == 0 && tenant.waiting == 0 && tenant.tenantsAhead == 0 && !tenant.isAtMaximumRunning
            )
            let batch = try await client.send(
                "POST",
                "/api/v1/explain",
                headers: ["X-Paddler-Class": "batch", "Content-Type": "application/json"],
                body: "{}"
            )
            #expect(try explained(batch).servedClass == "batch" && explained(batch).tenant == nil)
            let unknown = try await client.send("POST", "/api/v1/explain?tenant=team-z", body: "{}")
            #expect(unknown.status == 404 && unknown.body.contains("there is no tenant 'team-z'"))
        }
    }

    @Test("where clients are all alike, there is no tenant to ask of")
    func noTenants() async throws {
        try await harness.run { client in
            let reply = try await client.send("POST", "/api/v1/explain?tenant=a", body: "{}")
            #expect(reply.status == 404 && reply.body.contains("--tenants-file"))
        }
    }

    @Test("a body that is too large is answered 413")
    func tooLarge() async throws {
        try await harness.run { client in
            let body = String(repeating: " ", count: ExplainRoutes.maximumBodyBytes + 1)
            let reply = try await client.send("POST", "/api/v1/explain", body: body)
            #expect(reply.status == 413)
            #expect(reply.body.contains("16777216"))
        }
    }

    @Test("a token is needed, and one to read with is enough")
    func tokens() async throws {
        let harness = ManagementHarness(
            tokens: KeyRing(KeySet(["all"]), isClosed: true),
            readingTokens: KeyRing(KeySet(["read"]), isClosed: true)
        )
        try await harness.run { client in
            let refused = try await client.send("POST", "/api/v1/explain", body: "{}")
            #expect(refused.status == 401)
            for token in ["all", "read"] {
                let headers = ["Authorization": "Bearer \(token)"]
                let reply = try await client.send("POST", "/api/v1/explain", headers: headers, body: "{}")
                #expect(reply.status == 200)
            }
        }
    }
}
