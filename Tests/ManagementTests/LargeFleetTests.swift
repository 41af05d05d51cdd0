import LlamaServer
import Scheduling
import Synchronization
import Testing

@testable import Management

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Fleets that are too large to be told of at once", .timeLimit(.minutes(1)))
struct LargeFleetTests {
    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }

    /// Servers on ports 10,000 and so on.
    private func register(_ count: Int) {
        for number in 0..<count {
            fleet.reported(
                Reports.ready(
                    "a-\(number)",
                    port: 10_000 + number,
                    models: [number % 2 == 0 ? "Qwen" : "llama"],
                    maximumSilence: .seconds(60),
                    at: fleet.now()
                )
            )
        }
    }

    private func get(_ path: String, _ client: TestClient) async throws -> AgentsReply {
        let reply = try await client.send("GET", path)
        #expect(reply.status == 200, "\(path): \(reply.body)")
        return try JSONDecoder().decode(AgentsReply.self, from: Data(reply.body.utf8))
    }

    @Test("pages together have each server once, in the order of addresses, whatever comes and goes between them")
    func pages() async throws {
        register(25)
        fleet.agentLeft(AgentID(rawValue: "a-3"), .connectionEnded)
        try await harness.run { client in
            let first = try await get("/api/v1/agents?limit=10", client)
            #expect(first.agents.count == 10 && first.omitted == 15 && first.next == first.agents.last?.externalAddress)
            // What the next page begins behind has gone for good.
            fleet.agentLeft(AgentID(rawValue: "a-9"))
            let second = try await get("/api/v1/agents?limit=10&after=\(try #require(first.next))", client)
            let third = try await get("/api/v1/agents?limit=10&after=\(try #require(second.next))", client)
            #expect(third.next == nil && third.omitted == nil)
            let addresses = [first, second, third].flatMap { $0.agents.map(\.externalAddress) }
            #expect(addresses == (0..<25).map { "127.0.0.1:\(10_000 + $0)" })
            #expect(first.agents[3].state == .lost)
            #expect(try await get("/api/v1/agents?after=z", client).agents.isEmpty)
        }
    }

    @Test(
        "without a parameter all are listed as they always were, the next to be picked first, and nothing is said of pages"
    )
    func whole() async throws {
        register(AgentsReply.mostWatched + 1)
        try await harness.run { client in
            let reply = try await client.send("GET", "/api/v1/agents")
            #expect(!reply.body.contains(#""next""#) && !reply.body.contains(#""omitted""#))
            let agents = try JSONDecoder().decode(AgentsReply.self, from: Data(reply.body.utf8)).agents
            #expect(agents.count == AgentsReply.mostWatched + 1)
        }
    }

    @Test(
        "a search finds what has each of its words in its name, address, state, condition or models",
        arguments: [
            ("a-7", ["127.0.0.1:10007"]), ("QWEN%20a-4", ["127.0.0.1:10004"]), (":10002", ["127.0.0.1:10002"]),
            ("lost", ["127.0.0.1:10003"]), ("stuck", ["127.0.0.1:10009"]), ("not_ready%20llama", ["127.0.0.1:10009"]),
            ("nowhere", []),
        ]
    )
    func search(words: String, addresses: [String]) async throws {
        register(9)
        fleet.agentLeft(AgentID(rawValue: "a-3"), .connectionEnded)
        fleet.reported(
            Reports.ready("s", port: 10_009, condition: .stuck(""), models: ["llama"], at: fleet.now())
        )
        try await harness.run { client in
            let found = try await get("/api/v1/agents?search=\(words)", client)
            #expect(found.agents.map(\.externalAddress) == addresses)
            #expect(found.fleet.registered == 9, "the totals are those of the fleet")
        }
    }

    @Test(
        "what can't be asked for is refused in words",
        arguments: ["limit=0", "limit=1001", "limit=many", "search=\(String(repeating: "x", count: 201))"]
    )
    func refused(query: String) async throws {
        try await harness.run { client in
            let reply = try await client.send("GET", "/api/v1/agents?\(query)")
            #expect(reply.status == 400 && reply.body.contains(query.prefix(6)))
        }
    }

    @Test("who watches is told of some, those that need somebody first, of all in numbers, and how many are left out")
    func watched() throws {
        let count = AgentsReply.mostWatched + 100
        register(count)
        fleet.agentLeft(AgentID(rawValue: "a-\(count - 1)"), .connectionEnded)
        fleet.setDraining(NetworkAddress(host: "127.0.0.1", port: 10_000 + count - 2), true)
        fleet.reported(
            Reports.ready("a-\(count - 3)", port: 10_000 + count - 3, condition: .down("gone"), at: fleet.now())
        )
        let reply = replies.agents(.watched)
        #expect(reply.agents.count == AgentsReply.mostWatched)
        #expect(reply.omitted == 100 && reply.next == nil)
        let states = Set(reply.agents.map(\.state))
        #expect(states == [.lost, .draining, .notReady, .usable])
        #expect(reply.fleet.troubled == 2)
        #expect(reply.fleet.states["usable"] == count - 3 && reply.fleet.states["lost"] == 1)
        #expect(
            Set(replies.agents(.watched).agents.map(\.agentID)) == Set(reply.agents.map(\.agentID)),
            "nobody jumps about"
        )
        var encoder = AgentsEncoder()
        let json = try JSONDecoder().decode(AgentsReply.self, from: Data(try encoder.json(reply)))
        #expect(json == reply)
    }

    @Test("when more need somebody than are listed, the numbers still count each")
    func allTroubled() {
        for number in 0...AgentsReply.mostWatched {
            fleet.reported(
                Reports.ready("a-\(number)", port: 10_000 + number, condition: .stuck(""), at: fleet.now())
            )
        }
        let reply = replies.agents(.watched)
        #expect(reply.agents.count == AgentsReply.mostWatched && reply.omitted == 1)
        #expect(reply.fleet.troubled == AgentsReply.mostWatched + 1)
    }

    @Test("what passes is left out before what is wrong", arguments: [Condition.loading, .unloaded, .down("")])
    func attention(condition: Condition) {
        fleet.reported(Reports.ready("a", port: 1, condition: condition, at: fleet.now()))
        let attention = ListedUpstream.unordered(of: fleet.snapshot()).map(\.attention)
        let expected: ListedUpstream.Attention =
            condition == .loading ? .passing : condition == .unloaded ? .none : .troubled
        #expect(attention == [expected])
    }

    @Test("what is searched for may have 200 characters, whatever they are")
    func longSearch() throws {
        #expect(try AgentsQuery(search: String(repeating: "\u{c4}", count: 200)).words.count == 1)
    }

    @Test("a probe that asks for /health has nothing copied, however many servers there are")
    func health() {
        register(3)
        fleet.agentLeft(AgentID(rawValue: "a-1"), .connectionEnded)
        let replies = replies
        let before = fleet.snapshots.withLock { $0 }
        let health = replies.health()
        #expect(fleet.snapshots.withLock { $0 } == before)
        #expect(health.registeredTargets == 2 && health.usableTargets == 2 && health.lostTargets == 1)
    }

    private var replies: OperatorReplies {
        OperatorReplies(
            fleet: fleet,
            history: ManagementHarness.history(of: fleet),
            version: "1",
            wallClock: fleet.wallClock
        )
    }
}
