import AccessControl
import AgentProtocol
import FleetMetrics
import NIOHTTP1
import Scheduling
import Synchronization
import Testing

@testable import Management

@Suite("Tokens", .timeLimit(.minutes(1)))
struct AccessTests {
    private let keys = KeyRing(KeySet(["first", "second"]), isClosed: true)
    private var harness: ManagementHarness { ManagementHarness(tokens: keys) }

    private static let guarded = [
        ("GET", "/api/v1/agents"), ("GET", "/api/v1/agents/stream"), ("GET", "/api/v1/buffered_requests"),
        ("GET", "/api/v1/buffered_requests/stream"), ("POST", "/api/v1/agents/a/drain"),
        ("POST", "/api/v1/agents/a/undrain"), ("POST", "/api/v1/agents/a/connection"), ("POST", "/register/target"),
        ("POST", "/status_update/a"), ("POST", "/api/v1/agent_status_update/a"), ("GET", "/metrics"),
        ("GET", "/nothing"), ("DELETE", "/api/v1/agents"), ("OPTIONS", "/api/v1/agents"), ("GET", "//health"),
    ]

    @Test("without a token nothing is served and nothing is told", arguments: guarded)
    func noToken(method: String, path: String) async throws {
        try await harness.run { client in
            for headers in [[:], ["authorization": "Bearer wrong"], ["authorization": "Basic first"]] {
                let reply = try await client.send(method, path, headers: headers)
                #expect(reply.status == 401)
                #expect(reply.headers["www-authenticate"] == ["Bearer"])
                #expect(reply.body.hasPrefix(#"{"error":{"code":401,"#))
                #expect(reply.body.contains(#""type":"authentication_error""#))
            }
        }
    }

    @Test("each token lets in, however the scheme's name is written", arguments: ["Bearer first", "bearer  second"])
    func token(authorization: String) async throws {
        try await harness.run { client in
            let reply = try await client.send("GET", "/api/v1/agents", headers: ["authorization": authorization])
            #expect(reply.status == 200)
            let missing = try await client.send("GET", "/nothing", headers: ["authorization": authorization])
            #expect(missing.status == 404)
        }
    }

    @Test("health needs none")
    func health() async throws {
        try await harness.run { client in
            let none = try await client.send("GET", "/health")
            #expect(none.status == 200)
            let wrong = try await client.send("GET", "/health", headers: ["authorization": "Bearer wrong"])
            #expect(wrong.status == 200)
        }
    }

    @Test("tokens that are exchanged open and close at once")
    func exchanged() async throws {
        try await harness.run { client in
            keys.replace(KeySet(["third"]))
            let old = try await client.send("GET", "/api/v1/agents", headers: ["authorization": "Bearer first"])
            #expect(old.status == 401)
            let new = try await client.send("GET", "/api/v1/agents", headers: ["authorization": "Bearer third"])
            #expect(new.status == 200)
        }
    }

    @Test("an agent without a token is refused before it has said a word, and one with it is welcome")
    func agents() async throws {
        let harness = harness
        try await harness.run { client in
            let stranger = try await client.connect(id: "a-1")
            #expect(stranger.status == 401)
            stranger.finish()
            var agent = try await client.connect(id: "a-1", token: "first")
            try agent.say(Messages.hello())
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            agent.finish()
            #expect(await harness.fleet.nextEvent() == .left(AgentID(rawValue: "a-1")))
        }
    }

    @Test(
        "the key that an agent names for its upstream is used only if it had to show a token",
        arguments: [true, false]
    )
    func upstreamKey(isClosed: Bool) async throws {
        let harness = isClosed ? harness : ManagementHarness()
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1", token: "first")
            try agent.say(Messages.hello(apiKey: "upstream-key"))
            _ = try await agent.hear()
            try agent.say(Messages.report())
            guard case .reported(let report) = await harness.fleet.nextEvent() else {
                Issue.record("no report")
                return
            }
            #expect(report.route.apiKey == (isClosed ? "upstream-key" : nil))
            agent.finish()
        }
    }

    // MARK: - Reading only

    @Test("a token for reading reads everything and changes nothing")
    func reading() async throws {
        let harness = ManagementHarness(
            tokens: keys,
            readingTokens: KeyRing(KeySet(["reader"]), isClosed: true),
            dashboard: Dashboard { nil }
        )
        try await harness.run { client in
            let token = ["authorization": "Bearer reader"]
            for path in ["/api/v1/agents", "/api/v1/history", "/metrics", "/dashboard"] {
                #expect(try await client.send("GET", path, headers: token).status == 200)
            }
            let page = try await client.send("GET", "/dashboard", headers: token)
            #expect(page.body.contains(#"data-access="reading""#))
            let all = try await client.send("GET", "/dashboard", headers: ["authorization": "Bearer first"])
            #expect(!all.body.contains(#"data-access="reading""#))
            let changes = [
                "/api/v1/agents/a/drain", "/api/v1/agents/a/undrain", "/register/target", "/status_update/a",
                "/api/v1/agents/a/connection", "/dashboard/chat",
            ]
            for path in changes {
                let reply = try await client.send("POST", path, headers: token)
                #expect(reply.status == 403)
                #expect(reply.body.contains("--management-read-token"))
            }
        }
        #expect(harness.fleet.events.isEmpty)
    }

    @Test("a session that was opened with a token for reading changes nothing")
    func readingSession() async throws {
        let harness = ManagementHarness(tokens: keys, readingTokens: KeyRing(KeySet(["reader"]), isClosed: true))
        try await harness.run { client in
            let form = ["content-type": "application/x-www-form-urlencoded"]
            let login = try await client.send("POST", "/login", headers: form, body: "token=reader")
            let headers = ["cookie": try #require(login.cookie), "sec-fetch-site": "same-origin"]
            #expect(try await client.send("GET", "/api/v1/agents", headers: headers).status == 200)
            #expect(try await client.send("POST", "/api/v1/agents/a/drain", headers: headers).status == 403)
        }
    }

    // MARK: - Tokens taken out of use

    @Test("a token that is taken out of use ends the connections of its agents, and of no others")
    func withdrawn() async throws {
        let harness = harness
        try await harness.run { client in
            var staying = try await client.connect(id: "a-2", token: "second")
            try staying.say(Messages.hello())
            _ = try await staying.hear()
            var agent = try await client.connect(id: "a-1", token: "first")
            try agent.say(Messages.hello())
            _ = try await agent.hear()
            keys.replace(KeySet(["second"]))
            #expect(await harness.fleet.nextEvent() == .left(AgentID(rawValue: "a-1")))
            #expect(harness.fleet.departures.withLock { $0 } == [.tokenWithdrawn])
            try staying.say(Messages.report())
            guard case .reported = await harness.fleet.nextEvent() else {
                Issue.record("the other agent is gone, too")
                return
            }
            agent.finish()
            staying.finish()
        }
    }

    @Test("it ends those of older agents, too")
    func withdrawnOld() async throws {
        let harness = harness
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                let head = RecordedAgents.Version12.head().replacing(
                    "\r\n\r\n",
                    with: "\r\nauthorization: Bearer first\r\n\r\n"
                )
                try await connection.say(
                    head + RecordedAgents.Version12.chunk(RecordedAgents.Version12.ready(idle: 1, processing: 0))
                )
                _ = await harness.fleet.nextEvent()
                keys.replace(KeySet(["second"]))
                #expect(await harness.fleet.nextEvent() == .left(AgentID(rawValue: RecordedAgents.Version12.id)))
                #expect(harness.fleet.departures.withLock { $0 } == [.tokenWithdrawn])
            }
        }
    }

    // MARK: - Agents without a token

    @Test("agents without a token are told of, whatever their version, and others without one aren't")
    func agentsWithoutToken() async throws {
        let harness = harness
        try await harness.run { client in
            for path in ["/register/target", "/status_update/a", "/api/v1/agents/a/connection"] {
                let reply = try await client.send("POST", path)
                #expect(reply.status == 401)
            }
            #expect(harness.refusals.counts == [.agent: 3])
            for (method, path) in [("GET", "/api/v1/agents"), ("POST", "/api/v1/agents/a/drain"), ("GET", "/metrics")] {
                let reply = try await client.send(method, path)
                #expect(reply.status == 401)
            }
            #expect(harness.refusals.counts == [.agent: 3])
        }
        #expect(harness.fleet.events.isEmpty)
    }

    // MARK: - Guessing

    @Test("guesses are counted, and a right token is let in at once all the same")
    func guessing() async throws {
        let harness = harness
        try await harness.run { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                let guesses = WrongTokens.free + WrongTokens.mostHeld + 10
                for number in 0..<guesses {
                    group.addTask {
                        let wrong = ["authorization": "Bearer wrong-\(number)"]
                        return try await client.send("GET", "/api/v1/agents", headers: wrong).status
                    }
                }
                let right = ["authorization": "Bearer first"]
                #expect(try await client.send("GET", "/api/v1/agents", headers: right).status == 200)
                let statuses = try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
                #expect(Set(statuses.keys).isSubset(of: [401, 429]))
                #expect(harness.refusals.counts[.token] == guesses)
            }
        }
    }
}
