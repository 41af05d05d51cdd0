import AccessControl
import AgentProtocol
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Scheduling
import Testing

@testable import Management

@Suite("An agent's divided connection", .timeLimit(.minutes(1)))
struct DividedConnectionTests {
    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }
    private let agentID = AgentID(rawValue: "a-1")

    @Test("what the agent says comes by requests of their own, and all else is as over one request")
    func wholeConversation() async throws {
        try await harness.run { client in
            var agent = try await client.connectDivided(id: "a-1", first: Messages.hello())
            #expect(agent.status == 200)
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            #expect(try await agent.say(Messages.report(processing: 1)).status == 204)
            guard case .reported(let first) = await fleet.nextEvent() else { throw Unexpected() }
            #expect(first.agent == agentID)
            harness.messages.demandPoll(agentID)
            #expect(try await agent.hear() == .poll)
            #expect(try await agent.say(.heartbeat, Messages.report(processing: 2, sentAt: 200)).status == 204)
            // The heartbeat repeats the report before.
            guard case .reported = await fleet.nextEvent(), case .reported(let last) = await fleet.nextEvent() else {
                throw Unexpected()
            }
            #expect(last.slots?.processing == 2)
            #expect(try await agent.say(.goodbye).status == 204)
            #expect(await fleet.nextEvent() == .left(agentID))
            #expect(try await agent.hear() == nil)
            #expect(try await agent.say(.heartbeat).status == 404)
        }
    }

    @Test("an agent that is gone has left, and what it says then is not heard")
    func lost() async throws {
        try await harness.run { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var agent = try await client.connectDivided(id: "a-1", first: Messages.hello())
                    _ = try await agent.hear()
                    _ = try await agent.say(Messages.report())
                    // Holds the connection until the task is cancelled, which closes it.
                    while try await agent.hear() != nil {}
                }
                guard case .reported = await fleet.nextEvent() else { throw Unexpected() }
                group.cancelAll()
            }
            #expect(await fleet.nextEvent() == .left(agentID))
            #expect(try await client.say([.heartbeat], of: "c-1", agent: "a-1").status == 404)
        }
    }

    @Test("nonsense is refused with a reason, and the connection is over")
    func nonsense() async throws {
        try await harness.run { client in
            var agent = try await client.connectDivided(id: "a-1", first: Messages.hello())
            _ = try await agent.hear()
            #expect(try await agent.say(Messages.report(processing: 9)).status == 204)
            guard case .refused(let reason) = try await agent.hear() else { throw Unexpected() }
            #expect(reason.contains("9 slots"))
            #expect(try await agent.hear() == nil)
            #expect(await fleet.nextEvent() == .left(agentID))
        }
    }

    @Test("nobody speaks for a connection whose name they don't know, or opens it a second time")
    func strangers() async throws {
        try await harness.run { client in
            var agent = try await client.connectDivided(id: "a-1", first: Messages.hello())
            _ = try await agent.hear()
            #expect(try await client.say([.goodbye], of: "c-2", agent: "a-1").status == 404)
            #expect(try await client.say([.goodbye], of: "c-1", agent: "a-2").status == 404)
            let second = try await client.connectDivided(id: "a-1", first: Messages.hello())
            #expect(second.status == 409)
            #expect(try await agent.say(Messages.report()).status == 204)
            guard case .reported = await fleet.nextEvent() else { throw Unexpected() }
        }
    }

    @Test("the first lines may come in any number of pieces, and not without end")
    func firstLines() async throws {
        try await harness.run { client in
            let line = try encodeLine(Messages.hello())
            let pieces = AsyncStream { feed in
                for byte in line { feed.yield(ByteBuffer(bytes: [byte])) }
                feed.finish()
            }
            var agent = try await client.connectDivided(id: "a-1", .stream(pieces, length: .unknown))
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            let endless = ByteBuffer(repeating: UInt8(ascii: " "), count: AgentConnection.maximumLinesBytes + 1)
            #expect(try await client.connectDivided(id: "a-2", .bytes(endless)).status == 413)
        }
    }

    @Test("a silent balancer says an empty line now and then")
    func signOfLife() async throws {
        try await harness.run { client in
            var agent = try await client.connectDivided(id: "a-1", first: Messages.hello())
            _ = try await agent.hear()
            #expect(try await agent.hearAnything() == "\n")
        }
    }

    @Test("the first token that is missing, or the last, closes both ways of it")
    func closedDoor() async throws {
        let harness = ManagementHarness(tokens: KeyRing(KeySet(["t0ken"]), isClosed: true))
        try await harness.run { client in
            #expect(try await client.connectDivided(id: "a-1", first: Messages.hello()).status == 401)
            var agent = try await client.connectDivided(id: "a-1", first: Messages.hello(), token: "t0ken")
            _ = try await agent.hear()
            #expect(try await client.say([.goodbye], of: "c-1", agent: "a-1").status == 401)
            #expect(try await client.say([.goodbye], of: "c-1", agent: "a-1", token: "t0ken").status == 204)
        }
    }

    private struct Unexpected: Error {}
}

/// An agent's side of a divided connection, of the name `c-1`.
private struct DividedAgent {
    let client: TestClient
    let id: String
    let status: Int
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private var lines = MessageLines()
    private var waiting: [BalancerMessage] = []

    init(client: TestClient, id: String, _ response: HTTPClientResponse) {
        self.client = client
        self.id = id
        status = Int(response.status.code)
        iterator = response.body.makeAsyncIterator()
    }

    func say(_ messages: AgentMessage...) async throws -> TestReply {
        try await client.say(messages, of: "c-1", agent: id)
    }

    /// - Returns: nil when the balancer has ended its side.
    mutating func hear() async throws -> BalancerMessage? {
        while waiting.isEmpty {
            guard let buffer = try await iterator.next() else { return nil }
            waiting += try lines.append(buffer.readableBytesView).compactMap { try BalancerMessage.decode(line: $0) }
        }
        return waiting.removeFirst()
    }

    mutating func hearAnything() async throws -> String? {
        try await iterator.next().map { String(buffer: $0) }
    }
}

extension TestClient {
    fileprivate func connectDivided(
        id: String,
        first: AgentMessage,
        token: String? = nil
    ) async throws -> DividedAgent {
        try await connectDivided(id: id, .bytes(ByteBuffer(bytes: try encodeLine(first))), token: token)
    }

    fileprivate func connectDivided(
        id: String,
        _ body: HTTPClientRequest.Body,
        token: String? = nil
    ) async throws -> DividedAgent {
        let path = AgentConnection.dividedPath(agentID: id, connectionID: "c-1")
        var request = HTTPClientRequest(url: "http://\(address)\(path)")
        request.method = .POST
        request.headers.add(name: "content-type", value: AgentConnection.contentType)
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        request.body = body
        return DividedAgent(client: self, id: id, try await http.execute(request, timeout: .seconds(30)))
    }

    fileprivate func say(
        _ messages: [AgentMessage],
        of connection: String,
        agent: String,
        token: String? = nil
    ) async throws -> TestReply {
        try await send(
            "POST",
            AgentConnection.linesPath(agentID: agent, connectionID: connection),
            headers: ["content-type": AgentConnection.contentType].merging(
                token.map { ["authorization": "Bearer \($0)"] } ?? [:]
            ) { $1 },
            body: String(decoding: messages.flatMap { (try? encodeLine($0)) ?? [] }, as: UTF8.self)
        )
    }
}
