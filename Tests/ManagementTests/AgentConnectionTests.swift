import AgentProtocol
import LlamaServer
import Scheduling
import Testing

@testable import Management

@Suite(.timeLimit(.minutes(1)))
struct AgentConnectionTests {
    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }
    private let agentID = AgentID(rawValue: "a-1")

    @Test("both sides talk over one request: hello, welcome, report, poll, report, goodbye")
    func wholeConversation() async throws {
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            #expect(agent.status == 200)
            try agent.say(Messages.hello())
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))

            try agent.say(Messages.report(processing: 1))
            guard case .reported(let first) = await fleet.nextEvent() else { throw Unexpected() }
            #expect(first.agent == agentID)
            #expect(first.slots?.processing == 1)

            harness.messages.demandPoll(agentID)
            #expect(try await agent.hear() == .poll)
            try agent.say(Messages.report(processing: 2, sentAt: 200))
            guard case .reported(let second) = await fleet.nextEvent() else { throw Unexpected() }
            #expect(second.slots?.processing == 2)

            try agent.say(.goodbye)
            agent.finish()
            #expect(await fleet.nextEvent() == .left(agentID))
            #expect(try await agent.hear() == nil)
        }
        #expect(fleet.events.count == 3)
    }

    @Test("an agent whose connection ends without goodbye has left")
    func endWithoutGoodbye() async throws {
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            try agent.say(Messages.hello())
            _ = try await agent.hear()
            agent.finish()
            #expect(await fleet.nextEvent() == .left(agentID))
        }
        #expect(fleet.events == [.left(agentID)])
    }

    @Test("an agent whose connection is lost has left")
    func lostConnection() async throws {
        try await harness.run { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var agent = try await client.connect(id: "a-1")
                    try agent.say(Messages.hello())
                    // Holds the connection until the task is cancelled, which closes it.
                    while try await agent.hear() != nil { try agent.say(Messages.report()) }
                }
                guard case .reported = await fleet.nextEvent() else { throw Unexpected() }
                group.cancelAll()
            }
            #expect(await fleet.nextEvent() == .left(agentID))
        }
    }

    @Test(
        "an agent that has other balancers is told of leases, at once and when there are more; one that has none isn't"
    )
    func leases() async throws {
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            try agent.say(Messages.hello(sharesLeases: true))
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            #expect(try await agent.hear() == .leases(count: 0))
            try agent.say(Messages.report(processing: 0))
            guard case .reported = await fleet.nextEvent() else { throw Unexpected() }
            fleet.submit(2)
            harness.messages.leasesChanged(of: agentID)
            #expect(try await agent.hear() == .leases(count: 2))
            agent.finish()
            var alone = try await client.connect(id: "a-2")
            try alone.say(Messages.hello(address: NetworkAddress(host: "127.0.0.1", port: 8089)))
            _ = try await alone.hear()
            harness.messages.demandPoll(AgentID(rawValue: "a-2"))
            #expect(try await alone.hear() == .poll)
            alone.finish()
        }
    }

    @Test(
        "an agent that passes it on is told of prompts, and what it tells of others' is heard; another one isn't told"
    )
    func prompts() async throws {
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            try agent.say(Messages.hello(sharesLeases: true, sharesPrompts: true))
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            let both = [try await agent.hear(), try await agent.hear()]
            #expect(both.contains(.promptSeed(try #require(fleet.promptSeed))) && both.contains(.leases(count: 0)))
            try agent.say(Messages.report(processing: 0))
            guard case .reported = await fleet.nextEvent() else { throw Unexpected() }
            let news = PromptNews.begins(PromptTrail(hashes: [1, 2], bytes: 800))
            harness.messages.tell(news, to: agentID)
            #expect(try await agent.hear() == .prompt(news))
            try agent.say(.prompt(.isGone(name: 2)))
            #expect(await fleet.nextEvent() == .heard(.isGone(name: 2), agentID))
            // A newer seed than its own changes nothing; by an older one all agents are told.
            try agent.say(.promptSeed(PromptSeed(value: 1, madeAt: .max)))
            let older = PromptSeed(value: 1, madeAt: 1)
            try agent.say(.promptSeed(older))
            #expect(try await agent.hear() == .promptSeed(older))
            agent.finish()
            var before = try await client.connect(id: "a-2")
            try before.say(Messages.hello(address: NetworkAddress(host: "127.0.0.1", port: 8089), sharesLeases: true))
            _ = try await before.hear()
            harness.messages.tell(news, to: AgentID(rawValue: "a-2"))
            #expect(try await before.hear() == .leases(count: 0))
            harness.messages.demandPoll(AgentID(rawValue: "a-2"))
            #expect(try await before.hear() == .poll)
            before.finish()
        }
    }

    @Test("a balancer that makes nothing of prompts tells no seed, so that agents don't tell it of others' prompts")
    func promptsOfNoUse() async throws {
        fleet.makeNothingOfPrompts()
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            try agent.say(Messages.hello(sharesLeases: true, sharesPrompts: true))
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            #expect(try await agent.hear() == .leases(count: 0))
            harness.messages.tell(.isGone(name: 2), to: agentID)
            try agent.say(Messages.report(processing: 0))
            guard case .reported = await fleet.nextEvent() else { throw Unexpected() }
            try agent.say(.promptSeed(PromptSeed(value: 1, madeAt: 1)))
            harness.messages.demandPoll(agentID)
            #expect(try await agent.hear() == .poll)
            agent.finish()
        }
    }

    @Test("nonsense is refused with a reason, what was registered is taken back, and the connection ends")
    func nonsense() async throws {
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            try agent.say(Messages.hello())
            _ = try await agent.hear()
            try agent.say(Messages.report(processing: 9))
            guard case .refused(let reason) = try await agent.hear() else { throw Unexpected() }
            #expect(reason.contains("9 slots"))
            #expect(try await agent.hear() == nil)
            #expect(await fleet.nextEvent() == .left(agentID))
        }
        #expect(fleet.events == [.left(agentID)])
    }

    @Test("a stranger's nonsense changes nothing")
    func strangersNonsense() async throws {
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            agent.say(raw: "GET / HTTP/1.1\n")
            guard case .refused = try await agent.hear() else { throw Unexpected() }
            #expect(try await agent.hear() == nil)
        }
        #expect(fleet.events.isEmpty)
    }

    @Test("an agent's newer connection takes over, and the end of the older one changes nothing")
    func takeover() async throws {
        try await harness.run { client in
            var older = try await client.connect(id: "a-1")
            try older.say(Messages.hello())
            _ = try await older.hear()
            var newer = try await client.connect(id: "a-1")
            try newer.say(Messages.hello())
            _ = try await newer.hear()
            #expect(try await older.hear() == nil)
            older.finish()

            try newer.say(Messages.report(processing: 3))
            guard case .reported(let report) = await fleet.nextEvent() else { throw Unexpected() }
            #expect(report.slots?.processing == 3)
            newer.finish()
            #expect(await fleet.nextEvent() == .left(agentID))
        }
        #expect(fleet.events.count == 2)
    }

    @Test(
        "ids that nobody would give themselves are refused",
        arguments: ["%20", "a%2Fb", String(repeating: "a", count: 129)]
    )
    func badID(id: String) async throws {
        try await harness.run { client in
            let reply = try await client.send("POST", "/api/v1/agents/\(id)/connection", body: "")
            #expect(reply.status == 400)
            #expect(reply.body.contains(#""error""#))
        }
    }

    private struct Unexpected: Error {}
}
