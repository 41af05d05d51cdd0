import AccessControl
import AgentProtocol
import Scheduling
import Testing

@testable import AgentReception
@testable import Management

@Suite("Logs of servers", .timeLimit(.minutes(1)))
struct LogRoutesTests {
    private let harness = ManagementHarness()
    private static let path = "/api/v1/agents/a-1/log"
    private static let following = "GET \(path)?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// An agent that is known, and has said whether it tells a log.
    private func connect(_ client: TestClient, tellsLog: Bool?, token: String? = nil) async throws -> TestAgent {
        try await connect(client, harness, tellsLog: tellsLog, token: token)
    }

    private func connect(
        _ client: TestClient,
        _ harness: ManagementHarness,
        tellsLog: Bool?,
        token: String? = nil
    ) async throws -> TestAgent {
        var agent = try await client.connect(id: "a-1", token: token)
        guard case .hello(var hello) = Messages.hello() else { throw Unexpected() }
        hello.tellsLog = tellsLog
        try agent.say(.hello(hello))
        #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
        try agent.say(Messages.report())
        guard case .reported = await harness.fleet.nextEvent() else { throw Unexpected() }
        return agent
    }

    private func question(_ agent: inout TestAgent) async throws -> LogQuestion {
        guard case .log(let question)? = try await agent.hear() else { throw Unexpected() }
        return question
    }

    private struct Unexpected: Error {}

    @Test("the last lines are asked for, in as many parts as it takes, and shown with what is left out")
    func lines() async throws {
        try await harness.run { client in
            var agent = try await connect(client, tellsLog: true)
            async let reply = client.send("GET", Self.path + "?lines=4")
            var asked = try await question(&agent)
            #expect(asked.after == nil && asked.lines == 4 && !asked.waits)
            // An answer to a question of nobody's.
            try agent.say(.log(LogAnswer(number: asked.number + 1, lines: ["wrong"], last: 1)))
            try agent.say(
                .log(LogAnswer(number: asked.number, lines: ["one\u{1B}[2J", "two"], last: 9, hasMore: true))
            )
            asked = try await question(&agent)
            #expect(asked.after == 9 && asked.lines == 2 && !asked.waits)
            try agent.say(.log(LogAnswer(number: asked.number, lines: ["five"], leftOut: 2, last: 12)))
            let answered = try await reply
            #expect(answered.status == 200)
            #expect(answered.contentType == "text/plain; charset=utf-8")
            #expect(answered.body == "one\u{FFFD}[2J\ntwo\n… 2 lines left out\nfive\n")
        }
    }

    @Test("who follows gets each line as it comes, and the agent is told when the reader has gone")
    func follows() async throws {
        try await harness.run { client in
            var agent = try await connect(client, tellsLog: true)
            let (leaving, leave) = AsyncStream.makeStream(of: Void.self)
            async let heard = RawConnection.with(client.address) { connection in
                try await connection.say(Self.following)
                let text = try await connection.hear(to: "line 3\n")
                for await _ in leaving {}
                return text
            }
            var asked = try await question(&agent)
            #expect(!asked.waits)
            try agent.say(.log(LogAnswer(number: asked.number, lines: [], last: 0)))
            for last in 1...3 {
                asked = try await question(&agent)
                #expect(asked.after == last - 1 && asked.waits)
                try agent.say(.log(LogAnswer(number: asked.number, lines: ["line \(last)"], last: last)))
            }
            asked = try await question(&agent)
            #expect(asked.after == 3 && asked.waits)
            leave.finish()
            let text = try await heard
            for last in 1...3 { #expect(text.contains("line \(last)\n")) }
            #expect(try await agent.hear() == .endLog(number: asked.number))
        }
    }

    @Test("who follows is at the end when the agent's connection is")
    func agentLeaves() async throws {
        try await harness.run { client in
            var agent = try await connect(client, tellsLog: true)
            async let reply = client.send("GET", Self.path + "?follow=true")
            var asked = try await question(&agent)
            try agent.say(.log(LogAnswer(number: asked.number, lines: ["one"], last: 1)))
            asked = try await question(&agent)
            #expect(asked.waits)
            try agent.say(.goodbye)
            agent.finish()
            #expect(try await reply.body == "one\n")
        }
    }

    @Test(
        "an agent that can't tell is answered for at once, in words",
        arguments: [(false, 409, "doesn't run its llama-server"), (nil, 501, "update it")] as [(Bool?, Int, String)]
    )
    func cannot(tellsLog: Bool?, status: Int, words: String) async throws {
        try await harness.run { client in
            let agent = try await connect(client, tellsLog: tellsLog)
            let reply = try await client.send("GET", Self.path)
            #expect(reply.status == status && reply.body.contains(words))
            #expect(try await client.send("GET", "/api/v1/agents").body.contains(#""tells_log":false"#))
            agent.finish()
        }
    }

    @Test("an agent that doesn't answer is given up, and what it says later is nobody's")
    func silence() async throws {
        try await harness.run { client in
            var agent = try await connect(client, tellsLog: true)
            async let reply = client.send("GET", Self.path + "?follow=true")
            let first = try await question(&agent)
            #expect(try await reply.status == 504)
            #expect(try await agent.hear() == .endLog(number: first.number))
            try agent.say(.log(LogAnswer(number: first.number, lines: ["late"], last: 1)))
            async let other = client.send("GET", Self.path)
            let second = try await question(&agent)
            try agent.say(.log(LogAnswer(number: second.number, lines: ["in time"], last: 1)))
            #expect(try await other.body == "in time\n")
        }
    }

    @Test("an agent of version 1.x can't tell")
    func oldDialect() async throws {
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(RecordedAgents.Version12.head())
                try await connection.say(
                    RecordedAgents.Version12.chunk(RecordedAgents.Version12.ready(idle: 1, processing: 0))
                )
                guard case .reported = await harness.fleet.nextEvent() else { throw Unexpected() }
                let reply = try await client.send("GET", "/api/v1/agents/\(RecordedAgents.Version12.id)/log")
                #expect(reply.status == 501)
            }
        }
    }

    @Test("the list of agents says who can, and nobody's log is not found")
    func listed() async throws {
        try await harness.run { client in
            let agent = try await connect(client, tellsLog: true)
            #expect(try await client.send("GET", "/api/v1/agents").body.contains(#""tells_log":true"#))
            #expect(try await client.send("GET", "/api/v1/agents/nobody/log").status == 404)
            for query in ["lines=0", "lines=2001", "lines=x", "follow=1"] {
                #expect(try await client.send("GET", "\(Self.path)?\(query)").status == 400)
            }
            agent.finish()
        }
    }

    @Test("so many may read one server's log, and places are free again when they leave")
    func places() async throws {
        try await harness.run { client in
            var agent = try await connect(client, tellsLog: true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...LogReaders.most {
                    group.addTask {
                        try await RawConnection.with(client.address) { connection in
                            try await connection.say(Self.following)
                            _ = try await connection.hearToTheEnd()
                        }
                    }
                    let asked = try await question(&agent)
                    try agent.say(.log(LogAnswer(number: asked.number, lines: [], last: 0)))
                    // It waits.
                    #expect(try await question(&agent).number == asked.number)
                }
                #expect(try await client.send("GET", Self.path).status == 503)
                group.cancelAll()
                for _ in 1...LogReaders.most {
                    guard case .endLog = try await agent.hear() else { throw Unexpected() }
                }
            }
            async let reply = client.send("GET", Self.path)
            let asked = try await question(&agent)
            try agent.say(.log(LogAnswer(number: asked.number, lines: ["one"], last: 1)))
            #expect(try await reply.body == "one\n")
        }
    }

    @Test("who may only read how the fleet is may not read logs")
    func access() async throws {
        let harness = ManagementHarness(
            tokens: KeyRing(KeySet(["all"]), isClosed: true),
            readingTokens: KeyRing(KeySet(["reading"]), isClosed: true)
        )
        try await harness.run { client in
            var agent = try await connect(client, harness, tellsLog: true, token: "all")
            #expect(try await client.send("GET", Self.path).status == 401)
            for method in ["GET", "HEAD"] {
                let reply = try await client.send(method, Self.path, headers: ["authorization": "Bearer reading"])
                #expect(reply.status == 403)
            }
            async let reply = client.send("GET", Self.path, headers: ["authorization": "Bearer all"])
            let asked = try await question(&agent)
            try agent.say(.log(LogAnswer(number: asked.number, lines: ["one"], last: 1)))
            #expect(try await reply.status == 200)
        }
    }
}
