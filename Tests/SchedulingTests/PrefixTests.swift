import LlamaServer
import Testing

@testable import Scheduling

@Suite("The right server is the one that has the prompt")
struct PrefixTests {
    /// A conversation's prompt of so many blocks.
    private func prompt(_ conversation: UInt64, blocks: Int, common: Int = 0) -> PromptTrail {
        let hashes = (0..<blocks).map {
            UInt64($0 + 1) &* 0x1234_5678_9ABC_DEF1 ^ ($0 < common ? 0 : conversation << 17)
        }
        return PromptTrail(hashes: hashes, bytes: PromptTrail.position(of: blocks - 1) + 10)
    }

    @Test("a conversation's next turn goes to the idle server that has it, though another is less busy")
    func nextTurn() throws {
        var scene = Scene(slots: [2, 2])
        let first = try scene.lease(prompt(1, blocks: 4))
        let other = try scene.lease(prompt(2, blocks: 4))
        #expect([first.address, other.address] == [try scene["a"].address, try scene["b"].address])
        scene.finish(other)
        #expect(try scene.lease(prompt(2, blocks: 5)).address == other.address)
        scene.finish(first)
        // b is busier now, and would not be picked otherwise.
        let third = try scene.lease(prompt(2, blocks: 3))
        #expect(third.address == first.address)
    }

    @Test("with another policy the least busy one gets it", arguments: [Balance.leastBusy, .mostIdle])
    func otherPolicies(balance: Balance) throws {
        var scene = Scene(slots: [2, 2]) { $0.balance = balance }
        let leases = try [scene.lease(prompt(1, blocks: 4)), scene.lease(prompt(2, blocks: 4))]
        scene.finish(leases[1])
        let busy = try scene.lease()
        #expect(busy.address == leases[1].address)
        scene.finish(leases[0])
        #expect(try scene.lease(prompt(2, blocks: 5)).address == leases[0].address)
    }

    @Test("what runs can't be shared")
    func running() throws {
        var scene = Scene(slots: [2, 2])
        let first = try scene.lease(prompt(1, blocks: 4))
        #expect(try scene.lease(prompt(1, blocks: 5)).address != first.address)
    }

    @Test("a prompt is used up by the one that continues it")
    func usedUp() throws {
        var scene = Scene(slots: [2, 2])
        let first = try scene.lease(prompt(1, blocks: 4))
        scene.finish(first)
        #expect(try scene.lease(prompt(1, blocks: 5)).address == first.address)
        // The second branch of the same conversation finds nothing there, and goes to the least busy one.
        #expect(try scene.lease(prompt(1, blocks: 5)).address != first.address)
    }

    @Test(
        "one that shares only its beginning uses up what lies in a slot still if half of it is found, else what was saved first",
        arguments: [(blocks: 7, isKept: true), (blocks: 5, isKept: false)]
    )
    func sharedBeginning(blocks: Int, isKept: Bool) throws {
        var scene = Scene(slots: [2])
        // Of 3 blocks, 1,280 bytes, in common.
        let both = try [1, 2].map { try scene.lease(prompt($0, blocks: blocks, common: 3)) }
        for lease in both { scene.finish(lease) }
        _ = try scene.lease(prompt(3, blocks: 4, common: 3))
        let server = try scene["a"].id
        let found = (1...2).map { conversation in
            let trail = prompt(UInt64(conversation), blocks: blocks + 1, common: 3)
            return scene.scheduler.promptFound(RequestDemand(trail: trail), at: server)
        }
        let all = PromptTrail.position(of: blocks - 1)
        #expect(found[0] == all)
        #expect((found[1] == all) == isKept)
    }

    @Test("what isn't in a slot any more is used up by its age")
    func savedFirst() throws {
        var scene = Scene(slots: [2])
        let both = try [1, 2].map { try scene.lease(prompt($0, blocks: 5, common: 3)) }
        for lease in both { scene.finish(lease) }
        // Has the slot since.
        scene.finish(try scene.lease(prompt(9, blocks: 5)))
        _ = try scene.lease(prompt(3, blocks: 4, common: 3))
        let server = try scene["a"].id
        let found = [UInt64(1), 2, 9].map {
            scene.scheduler.promptFound(
                RequestDemand(trail: prompt($0, blocks: 6, common: $0 == 9 ? 0 : 3)),
                at: server
            )
        }
        #expect(found.map { $0 == PromptTrail.position(of: 4) } == [false, true, true])
    }

    @Test("where a neighbour's slot was taken instead of what was expected, that one is gone and nothing else")
    func slotOfAnother() throws {
        var scene = Scene(slots: [3])
        let all = try [1, 2, 3].map { try scene.lease(prompt($0, blocks: 5, common: 3)) }
        for lease in all { scene.finish(lease) }
        let next = try scene.lease(prompt(2, blocks: 6, common: 3))
        scene.finish(next, use: ReportedUsage(promptComputed: 400, promptCached: 100, generated: 5))
        let server = try scene["a"].id
        let found = [UInt64(1), 2, 3].map {
            scene.scheduler.promptFound(RequestDemand(trail: prompt($0, blocks: 7, common: 3)), at: server)
        }
        #expect(found[0] == PromptTrail.position(of: 4))
        #expect(found[1] == PromptTrail.position(of: 5))
        #expect(found[2] < PromptTrail.position(of: 4))
    }

    @Test("an entry of which less than a quarter would be found doesn't count")
    func quarter() throws {
        var scene = Scene(slots: [2, 2])
        let long = try scene.lease(prompt(1, blocks: 20))
        scene.finish(long)
        // Somebody else uses that one: the other is the least busy.
        scene.report("a", total: 2, processing: 1)
        #expect(try scene.lease(prompt(9, blocks: 6, common: 2)).address != long.address)
    }

    @Test("a server that was started again has forgotten", arguments: [true, false])
    func restart(isRestarted: Bool) throws {
        var scene = Scene(slots: [2, 2])
        let first = try scene.lease(prompt(1, blocks: 4))
        scene.finish(first)
        if isRestarted {
            scene.report("a", total: 2, .loading)
            scene.report("a", total: 2)
        }
        scene.report("a", total: 2, processing: 1)
        #expect((try scene.lease(prompt(1, blocks: 5)).address == first.address) == !isRestarted)
    }

    @Test(
        "a prompt that was not found as expected takes all before it along",
        arguments: [(cached: 0, isKept: false), (cached: 400, isKept: true)]
    )
    func missed(cached: Int, isKept: Bool) throws {
        var scene = Scene(slots: [2])
        for conversation: UInt64 in [1, 2] { scene.finish(try scene.lease(prompt(conversation, blocks: 4))) }
        let next = try scene.lease(prompt(2, blocks: 5))
        scene.finish(next, use: ReportedUsage(promptComputed: 500 - cached, promptCached: cached, generated: 5))
        let first = try scene["a"].id
        #expect((scene.scheduler.promptFound(RequestDemand(trail: prompt(1, blocks: 5)), at: first) > 0) == isKept)
        #expect(scene.scheduler.promptFound(RequestDemand(trail: prompt(2, blocks: 6)), at: first) > 0)
    }

    @Test("a freed slot goes to a waiting request whose prompt lies there; of four, one goes to who came first")
    func passing() throws {
        var scene = Scene(slots: [1, 1])
        for conversation: UInt64 in 1...4 {
            let both = try [scene.lease(prompt(conversation, blocks: 4)), scene.lease()]
            for lease in both { scene.finish(lease) }
        }
        let running = try scene.leases(2)
        let first = try scene.queue(prompt(9, blocks: 4))
        let turns = try (1...4).map { try scene.queue(prompt(UInt64($0), blocks: 5)) }
        var lease = running[0]
        #expect(lease.address == (try scene["a"].address))
        var order: [UInt64] = []
        for _ in 0..<5 {
            let next = try #require(scene.finish(lease).leases.first)
            order.append(next.request.rawValue)
            lease = next
        }
        let base = running[1].request.rawValue
        #expect(order.map { $0 - base } == [2, 3, 4, 1, 5])
        _ = (first, turns)
    }

    @Test("a request that has more of its prompt elsewhere is no reason to pass the first")
    func moreElsewhere() throws {
        var scene = Scene(slots: [1, 1])
        let short = try scene.lease(prompt(1, blocks: 3))
        let long = try scene.lease(prompt(1, blocks: 8))
        scene.finish(short)
        scene.finish(long)
        let running = try scene.leases(2)
        _ = try scene.queue()
        _ = try scene.queue(prompt(1, blocks: 9))
        let next = try #require(scene.finish(running[0]).leases.first)
        #expect(running[0].address == short.address)
        #expect(next.request.rawValue == running[1].request.rawValue + 1)
    }

    @Test(
        "by session it goes where the last request was, however little is left of that prompt",
        arguments: [true, false]
    )
    func bySession(isBySession: Bool) throws {
        var scene = Scene(slots: [2, 2]) { $0.balance = isBySession ? .session : .cacheAware }
        let long = try scene.lease(prompt(1, blocks: 20))
        scene.finish(long, use: ReportedUsage(promptComputed: 500, promptCached: 0, generated: 5))
        // Somebody else uses that one: the other is the least busy.
        scene.report("a", total: 2, processing: 1)
        #expect((try scene.lease(prompt(1, blocks: 1)).address == long.address) == isBySession)
    }

    @Test("of two servers that have a prompt, the less busy one gets it, though a third is the least busy")
    func equallyWarm() throws {
        var scene = Scene(slots: [4, 4, 4])
        let warm = try (1...2).map { _ in try scene.lease(prompt(1, blocks: 8)) }
        for lease in warm { scene.finish(lease) }
        // One slot of the first, two of the one that had it last, none of the third.
        let busy = Dictionary(grouping: try scene.leases(6), by: \.address)
        for (address, leases) in busy {
            let left = address == warm[0].address ? 1 : address == warm[1].address ? 2 : 0
            for lease in leases.dropFirst(left) { scene.finish(lease) }
        }
        #expect(try scene.lease(prompt(1, blocks: 9)).address == warm[0].address)
    }
}
