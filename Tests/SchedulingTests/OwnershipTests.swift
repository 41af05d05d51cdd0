import LlamaServer
import Scheduling
import Testing

@Suite("Who speaks for an upstream")
struct OwnershipTests {
    @Test("a restarted agent takes its upstream over with its leases")
    func restarted() throws {
        var scene = Scene(slots: [2])
        let lease = try scene.lease()
        scene.report("a", by: "a2", total: 2, processing: 1)
        #expect(scene.scheduler.upstreamCount == 1)
        #expect(try scene["a"].slotsLeased == 1)
        #expect(try scene["a"].slotsIdle == 1)
        #expect(try scene["a"].id == lease.upstream)
        scene.finish(lease)
        #expect(scene.scheduler.summary.slotsIdle == 2)
    }

    @Test("a restarted agent takes its upstream over as ejected as it was")
    func restartedEjected() throws {
        var scene = Scene(slots: [2])
        _ = scene.retry(try scene.lease(), .connectFailed)
        scene.report("a", by: "a2", total: 2)
        #expect(try !scene["a"].isUsable)
    }

    @Test("two agents for one address don't double its slots, and the latest to register is heard")
    func twoAgents() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 2)
        scene.report("a", by: "second", total: 3)
        scene.report("a", by: "first", total: 9)
        #expect(scene.scheduler.summary.slotsTotal == 3)
        #expect(try scene["a"].agent?.rawValue == "second")
        #expect(scene.scheduler.snapshot(at: scene.now).counters.reportsIgnored == 1)
    }

    @Test("the end of an agent that isn't heard changes nothing")
    func otherLeaves() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 2)
        scene.report("a", by: "second", total: 3)
        scene.leave("first")
        scene.leave("nobody")
        #expect(scene.scheduler.summary.usable == 1)
    }

    @Test("when the owner leaves, the next report of the other takes over")
    func ownerLeaves() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 2)
        scene.report("a", by: "second", total: 3)
        let lease = try scene.lease()
        scene.leave("second")
        #expect(scene.scheduler.summary.registered == 0)
        scene.pass(.seconds(1))
        scene.report("a", by: "first", total: 2, processing: 1)
        #expect(try scene["a"].id == lease.upstream)
        #expect(try scene["a"].agent?.rawValue == "first")
        #expect(try scene["a"].slotsIdle == 1)
    }

    @Test("when the owner falls silent, the next report of the other takes over")
    func ownerSilent() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 2)
        scene.report("a", by: "second", total: 3, maximumSilence: .seconds(10))
        scene.tick(after: .seconds(10))
        #expect(scene.scheduler.summary.usable == 0)
        scene.report("a", by: "first", total: 2)
        #expect(scene.scheduler.summary.slotsTotal == 2)
        scene.report("a", by: "second", total: 3)
        #expect(scene.scheduler.summary.slotsTotal == 2)
    }

    @Test("an upstream whose agent left and that has no leases is forgotten, and its id is stale")
    func forgotten() throws {
        var scene = Scene(slots: [1])
        let id = try scene["a"].id
        scene.leave("a")
        #expect(scene.scheduler.isEmpty)
        scene.report("b", total: 1)
        #expect(try scene["b"].id != id)
        scene.connectFailed(id)
        #expect(scene.scheduler.summary.usable == 1)
    }

    @Test("an upstream whose agent left is kept, unusable, until its leases end")
    func keptForItsLeases() throws {
        var scene = Scene(slots: [2])
        let leases = try scene.leases(2)
        scene.leave("a")
        #expect(scene.scheduler.upstreamCount == 1)
        #expect(scene.submit().ticket != nil)
        scene.finish(leases[0])
        #expect(scene.scheduler.upstreamCount == 1)
        scene.finish(leases[1])
        #expect(scene.scheduler.upstreamCount == 0)
    }

    @Test("an agent whose address changes moves, and leases on the old one end there")
    func moved() throws {
        var scene = Scene()
        scene.report("a", by: "agent", total: 1)
        let lease = try scene.lease()
        scene.report("b", by: "agent", total: 2)
        #expect(scene.scheduler.summary.registered == 1)
        #expect(scene.scheduler.upstreamCount == 2)
        #expect(try scene.leases(2).map(\.address.host) == ["b", "b"])
        scene.finish(lease)
        #expect(scene.scheduler.upstreamCount == 1)
    }

    @Test("an agent that moves to another's address takes that over")
    func movedOntoAnother() throws {
        var scene = Scene(slots: [1, 2])
        scene.report("b", by: "a", total: 4)
        #expect(scene.scheduler.upstreamCount == 1)
        #expect(scene.scheduler.summary.slotsTotal == 4)
        #expect(try scene["b"].agent?.rawValue == "a")
    }

    @Test("a silent agent takes its upstream out until it speaks again")
    func silent() throws {
        var scene = Scene()
        scene.report("a", total: 1, maximumSilence: .seconds(15))
        scene.tick(after: .seconds(15) - .nanoseconds(1))
        #expect(scene.scheduler.summary.usable == 1)
        scene.tick(after: .nanoseconds(1))
        #expect(try scene["a"].isSilent)
        try scene.queue()
        #expect(scene.report("a", maximumSilence: .seconds(15)).dispatched == [1])
    }

    @Test("an agent that never speaks again is forgotten")
    func forgottenAgent() throws {
        var scene = Scene { $0.silencesToForget = 10 }
        scene.report("a", total: 1, maximumSilence: .seconds(15))
        scene.tick(after: .seconds(149))
        #expect(scene.scheduler.upstreamCount == 1)
        scene.tick(after: .seconds(1))
        #expect(scene.scheduler.isEmpty)
    }

    @Test("beyond the limit of upstreams further ones are ignored until there is room")
    func limit() throws {
        var scene = Scene(slots: [1, 1, 1]) { $0.maximumUpstreams = 2 }
        #expect(scene.scheduler.upstreamCount == 2)
        scene.leave("a")
        scene.report("c", total: 1)
        #expect(try scene["c"].isUsable)
    }
}
