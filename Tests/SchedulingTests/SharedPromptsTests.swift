import LlamaServer
import Testing

@testable import Scheduling

@Suite("Balancers that tell each other of prompts")
struct SharedPromptsTests {
    private var first = Scene()
    private var second = Scene()

    init() {
        for server in ["a", "b"] {
            first.report(server, total: 2, sharesPrompts: true)
            second.report(server, total: 2, sharesPrompts: true)
        }
    }

    private func prompt(_ conversation: UInt64, blocks: Int) -> PromptTrail {
        let hashes = (0..<blocks).map { UInt64($0 + 1) &* 0x1234_5678_9ABC_DEF1 ^ conversation << 17 }
        return PromptTrail(hashes: hashes, bytes: PromptTrail.position(of: blocks - 1) + 10)
    }

    /// What the first has to tell arrives.
    private mutating func pass() {
        for (agent, news) in first.takePromptNews() { second.hear(news, of: agent) }
    }

    private func found(_ trail: PromptTrail, at server: String) throws -> Int {
        try second.scheduler.promptFound(RequestDemand(trail: trail), at: second[server].id)
    }

    @Test("a conversation's next turn goes where another balancer has sent the last one", arguments: [1, 2])
    mutating func nextTurn(conversations: UInt64) throws {
        let leases = try (1...conversations).map { try first.lease(prompt($0, blocks: 4)) }
        for lease in leases { first.finish(lease) }
        pass()
        let lease = try second.lease(prompt(conversations, blocks: 6))
        #expect(lease.address == leases.last?.address)
        #expect(second.reason(lease) == "prompt;cached=1792;of=2826")
    }

    @Test("what runs for another balancer can't be shared, and is there when that has ended")
    mutating func running() throws {
        let lease = try first.lease(prompt(1, blocks: 4))
        first.finish(lease)
        pass()
        #expect(try found(prompt(1, blocks: 5), at: lease.address.host) == PromptTrail.position(of: 3))
        let next = try first.lease(prompt(1, blocks: 5))
        pass()
        #expect(try found(prompt(1, blocks: 5), at: lease.address.host) == 0)
        first.finish(next)
        pass()
        #expect(try found(prompt(1, blocks: 6), at: lease.address.host) == PromptTrail.position(of: 4))
    }

    @Test("what was there before a prompt that another balancer missed is forgotten")
    mutating func missed() throws {
        for conversation: UInt64 in [1, 2] {
            let lease = try first.lease(prompt(conversation, blocks: 4))
            first.finish(lease)
            first.finish(try first.lease())
        }
        let next = try first.lease(prompt(2, blocks: 5))
        first.finish(next, use: ReportedUsage(promptComputed: 800, promptCached: 0, generated: 10))
        pass()
        #expect(try found(prompt(1, blocks: 4), at: next.address.host) == 0)
        #expect(try found(prompt(2, blocks: 6), at: next.address.host) == PromptTrail.position(of: 4))
    }

    @Test("what another balancer's request has used up is gone if nobody knows what it left", arguments: [true, false])
    mutating func gone(isSentAgain: Bool) throws {
        let lease = try first.lease(prompt(1, blocks: 4))
        first.finish(lease)
        let next = try first.lease(prompt(1, blocks: 5))
        if isSentAgain { _ = first.retry(next, .brokenOff) } else { first.finish(next, .unsent) }
        pass()
        #expect(try found(prompt(1, blocks: 6), at: lease.address.host) == 0)
        #expect(second.scheduler.foreignPrompts.usedCount == 0)
    }

    @Test("a server that was started again has nothing of others either, whatever was running")
    mutating func restarted() throws {
        let leases = try [1, 2].map { try first.lease(prompt($0, blocks: 4)) }
        first.finish(leases[0])
        pass()
        let server = leases[0].address.host
        second.report(server, .loading)
        second.report(server, total: 2)
        #expect(try found(prompt(1, blocks: 5), at: server) == 0)
        first.finish(leases[1])
        pass()
        #expect(try found(prompt(2, blocks: 5), at: leases[1].address.host) > 0)
    }

    @Test(
        "an end whose beginning wasn't heard of changes nothing, and beginnings without an end make room beyond twice the slots"
    )
    mutating func halves() throws {
        let agent = AgentID(rawValue: "a")
        second.hear(.ends(name: prompt(1, blocks: 4).name, generated: 0, wasMissed: false), of: agent)
        second.hear(.isGone(name: 7), of: agent)
        #expect(try found(prompt(1, blocks: 4), at: "a") == 0)
        for conversation in 1...6 as ClosedRange<UInt64> {
            second.hear(.begins(prompt(conversation, blocks: 3)), of: agent)
        }
        for conversation: UInt64 in [1, 2, 3] {
            second.hear(.ends(name: prompt(conversation, blocks: 3).name, generated: 0, wasMissed: false), of: agent)
        }
        let all = try (1...3).map { try found(prompt($0, blocks: 3), at: "a") > 0 }
        #expect(all == [false, false, true])
        // Of an agent that speaks for nothing.
        second.hear(.begins(prompt(1, blocks: 3)), of: AgentID(rawValue: "z"))
    }

    @Test("hashes that are made to be taken for those of another server's prompts find nothing there")
    mutating func crafted() throws {
        let (a, b) = (AgentID(rawValue: "a"), AgentID(rawValue: "b"))
        let hash: UInt64 = 0x1234_5678_9ABC_DEF1
        for (one, other) in [(a, b), (b, a)] {
            second.hear(.begins(PromptTrail(hashes: [hash], bytes: 300)), of: one)
            second.hear(.ends(name: hash, generated: 0, wasMissed: false), of: one)
            // 1 and 2 are what the servers' blocks are told apart by.
            second.hear(.begins(PromptTrail(hashes: [hash ^ 1 ^ 2], bytes: 300)), of: other)
            #expect(second.scheduler.foreignPrompts.usedCount == 0)
        }
    }

    @Test("of two requests with the same prompt each leaves what it leaves")
    mutating func twins() throws {
        let leases = try [first.lease(prompt(1, blocks: 4)), first.lease(prompt(1, blocks: 4))]
        for lease in leases { first.finish(lease) }
        pass()
        for server in ["a", "b"] { #expect(try found(prompt(1, blocks: 4), at: server) > 0) }
    }

    @Test("with another seed nothing is known any more")
    mutating func anotherSeed() throws {
        let leases = try [1, 2].map { try first.lease(prompt($0, blocks: 4)) }
        first.finish(leases[0])
        pass()
        second.forgetPrompts()
        for conversation: UInt64 in [1, 2] {
            for server in ["a", "b"] { #expect(try found(prompt(conversation, blocks: 4), at: server) == 0) }
        }
    }

    @Test("a session's next request goes where another balancer has sent the last one")
    func sessions() throws {
        var (first, second) = (Scene { $0.balance = .session }, Scene { $0.balance = .session })
        for server in ["a", "b"] {
            first.report(server, total: 2, sharesPrompts: true)
            second.report(server, total: 2, sharesPrompts: true)
        }
        let names = ["x", "y"].map { Array($0.utf8) }
        let trails = names.compactMap { name in
            SessionKey(name.span, seed: 1).map { PromptTrail($0, model: nil, bodyBytes: 300) }
        }
        let leases = try trails.map { try first.lease($0) }
        for lease in leases { first.finish(lease) }
        for (agent, news) in first.takePromptNews() { second.hear(news, of: agent) }
        for (trail, lease) in zip(trails, leases) { #expect(try second.lease(trail).address == lease.address) }
    }

    @Test(
        "nothing is told of prompts where nobody wants to know, of requests without one, and with a policy that knows none"
    )
    func silence() throws {
        var alone = Scene(slots: [2])
        alone.finish(try alone.lease(prompt(1, blocks: 4)))
        #expect(alone.takePromptNews().isEmpty)
        var scene = Scene()
        scene.report("a", total: 2, sharesPrompts: true)
        scene.finish(try scene.lease())
        #expect(scene.takePromptNews().isEmpty)
        // Until its agent is gone.
        let lease = try scene.lease(prompt(1, blocks: 4))
        #expect(scene.takePromptNews().count == 1)
        scene.leave("a", .connectionEnded)
        scene.finish(lease)
        #expect(scene.takePromptNews().isEmpty)
        var leastBusy = Scene { $0.balance = .leastBusy }
        leastBusy.report("a", total: 2, sharesPrompts: true)
        leastBusy.finish(try leastBusy.lease(prompt(1, blocks: 4)))
        #expect(leastBusy.takePromptNews().isEmpty)
        leastBusy.hear(.begins(prompt(1, blocks: 4)), of: AgentID(rawValue: "a"))
    }
}
