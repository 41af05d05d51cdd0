import LlamaServer
import Testing

@testable import Scheduling

@Suite("A request waits for the busy server that has its prompt, for as long as that is worth it")
struct HoldingTests {
    /// Its beginnings differ from those of all others.
    private func prompt(_ conversation: UInt64, blocks: Int) -> PromptTrail {
        let hashes = (0..<blocks).map { UInt64($0 + 1) &* 0x1234_5678_9ABC_DEF1 ^ conversation << 17 }
        return PromptTrail(hashes: hashes, bytes: PromptTrail.position(of: blocks - 1))
    }

    /// Servers a and b of one slot each. a has 4 kB of conversation 1, which took it 2 s, and answers something else now.
    private func scene(_ change: (inout Scheduler.Configuration) -> Void = { _ in }) throws -> (Scene, running: Lease) {
        var scene = Scene(slots: [1, 1], change)
        let first = try scene.lease(prompt(1, blocks: 16))
        #expect(first.address == (try scene["a"].address))
        scene.pass(.milliseconds(100))
        scene.finish(first, use: use(milliseconds: 2000))
        let running = try occupy(first.address, in: &scene)
        return (scene, running)
    }

    private func occupy(_ address: NetworkAddress, in scene: inout Scene) throws -> Lease {
        let both = try scene.leases(2)
        for lease in both where lease.address != address { scene.finish(lease) }
        return try #require(both.first { $0.address == address })
    }

    private func use(milliseconds: Int?) -> ReportedUsage {
        ReportedUsage(promptComputed: 1000, promptCached: 0, generated: 5, promptMilliseconds: milliseconds)
    }

    @Test("it waits although another server is idle, and gets the slot as soon as it is free")
    func waits() throws {
        var (scene, running) = try scene()
        let ticket = try scene.queue(prompt(1, blocks: 17))
        #expect(scene.scheduler.hold(of: ticket)?.upstream == running.upstream)
        scene.pass(.milliseconds(500))
        let next = try #require(scene.finish(running).leases.first)
        #expect(next.address == running.address)
        #expect(scene.scheduler.snapshot(at: scene.now).counters.held == 1)
        #expect(scene.scheduler.snapshot(at: scene.now).counters.heldInVain == 0)
    }

    @Test("it waits no longer than twice the time that is saved, and takes what is idle then")
    func timeIsUp() throws {
        var (scene, _) = try scene()
        let ticket = try scene.queue(prompt(1, blocks: 17))
        let end = try #require(scene.scheduler.hold(of: ticket)).end
        #expect(end - scene.now == .seconds(4))
        scene.pass(.milliseconds(3999))
        let early = scene.tick()
        #expect(early.isEmpty)
        scene.pass(.milliseconds(1))
        #expect(scene.scheduler.nextTick == scene.now)
        let next = try #require(scene.tick().leases.first)
        #expect(next.address == (try scene["b"].address))
        #expect(scene.scheduler.snapshot(at: scene.now).counters.heldInVain == 1)
    }

    @Test("where no server is idle it waits for longer, up to eight times the time that is saved")
    func allBusy() throws {
        var (scene, _) = try scene()
        let other = try scene.lease()
        let ticket = try scene.queue(prompt(1, blocks: 17))
        for _ in 1...3 {
            scene.pass(.seconds(4))
            _ = scene.tick()
            let end = try #require(scene.scheduler.hold(of: ticket)).end
            #expect(end - scene.now == .seconds(4))
        }
        scene.pass(.seconds(4))
        _ = scene.tick()
        #expect(scene.scheduler.hold(of: ticket) == nil)
        let next = try #require(scene.finish(other).leases.first)
        #expect(next.address == other.address)
        #expect(scene.scheduler.snapshot(at: scene.now).counters.heldInVain == 1)
    }

    @Test("a server that has become idle meanwhile gets it when its time is up")
    func becameIdle() throws {
        var (scene, _) = try scene()
        let other = try scene.lease()
        let ticket = try scene.queue(prompt(1, blocks: 17))
        scene.pass(.seconds(5))
        _ = scene.tick()
        scene.finish(other)
        #expect(scene.scheduler.hold(of: ticket) != nil)
        scene.pass(.seconds(4))
        let next = try #require(scene.tick().leases.first)
        #expect(next.address == other.address)
    }

    @Test("a server that is of no use any more is waited for no longer", arguments: ["drained", "gone", "restarted"])
    func lost(how: String) throws {
        var (scene, _) = try scene()
        _ = try scene.queue(prompt(1, blocks: 17))
        let decisions =
            switch how {
            case "drained": scene.drain("a")
            case "gone": scene.leave("a")
            default: scene.report("a", total: 1, .loading)
            }
        let next = try #require(decisions.leases.first)
        #expect(next.address == (try scene["b"].address))
    }

    @Test("a prompt of which the idle server has as much goes there at once")
    func sameThere() throws {
        var scene = Scene(slots: [1, 1])
        let both = try (1...2).map { _ in try scene.lease(prompt(1, blocks: 16)) }
        for lease in both { scene.finish(lease, use: use(milliseconds: 2000)) }
        _ = try occupy(both[0].address, in: &scene)
        let next = try scene.lease(prompt(1, blocks: 17))
        #expect(next.address == both[1].address)
    }

    @Test("nobody waits while it isn't known how long a server takes for a prompt, or with another policy")
    func unknown() throws {
        var unmeasured = Scene(slots: [1, 1])
        let first = try unmeasured.lease(prompt(1, blocks: 16))
        unmeasured.finish(first, use: use(milliseconds: nil))
        _ = try occupy(first.address, in: &unmeasured)
        _ = try unmeasured.lease(prompt(1, blocks: 17))

        var (other, _) = try scene { $0.balance = .leastBusy }
        _ = try other.lease(prompt(1, blocks: 17))
    }

    @Test("nobody waits for a slot that can't be expected to be free in time")
    func slow() throws {
        var (scene, running) = try scene()
        scene.pass(.seconds(600))
        scene.finish(running)
        _ = try occupy(running.address, in: &scene)
        _ = try scene.lease(prompt(1, blocks: 17))
    }

    @Test("a full queue holds nobody: the idle server answers")
    func full() throws {
        var (scene, _) = try scene { $0.maximumQueued = 0 }
        _ = try scene.lease(prompt(1, blocks: 17))
    }

    @Test("a client may leave while its request is held")
    func left() throws {
        var (scene, running) = try scene()
        let ticket = try scene.queue(prompt(1, blocks: 17))
        let isCancelled = scene.cancel(ticket)
        let decisions = scene.finish(running)
        #expect(isCancelled && decisions.isEmpty)
        #expect(scene.scheduler.queuedCount == 0)
    }

    @Test("when all are busy, a held request lets those pass that the other server is good enough for")
    func letsOthersPass() throws {
        var (scene, running) = try scene()
        let other = try scene.lease()
        let held = try scene.queue(prompt(1, blocks: 17))
        let plain = try scene.queue()
        #expect(scene.scheduler.hold(of: held) != nil)
        #expect(scene.scheduler.hold(of: plain) == nil)
        let freed = try #require(scene.finish(other).leases.first)
        #expect(freed.address == other.address)
        #expect(scene.scheduler.hold(of: held) != nil)
        let next = try #require(scene.finish(running).leases.first)
        #expect(next.address == running.address)
    }

    @Test("a shutdown holds nobody")
    func shutdown() throws {
        var (scene, _) = try scene()
        _ = try scene.queue(prompt(1, blocks: 17))
        let rejected = scene.rejectAll().rejected
        #expect(rejected.count == 1)
        #expect(scene.scheduler.queuedCount == 0)
    }

    @Test("no more are held for a server than it can be expected to serve in time")
    func manyOfOneKind() throws {
        var scene = Scene(slots: [1, 1])
        let first = try scene.lease(prompt(1, blocks: 16))
        scene.pass(.milliseconds(1500))
        scene.finish(first, use: use(milliseconds: 2000))
        _ = try occupy(first.address, in: &scene)
        let submissions = (0..<16).map { _ in scene.submit(for: nil, prompt(1, blocks: 17)) }
        // Each takes some 1.4 s there. Beside an idle server 4 s are worth waiting, and 16 s beside a busy one.
        #expect(submissions.map { $0.lease != nil }.firstIndex(of: true) == 2)
        #expect(submissions.compactMap(\.ticket).count { scene.scheduler.hold(of: $0) != nil } == 11)
    }
}
