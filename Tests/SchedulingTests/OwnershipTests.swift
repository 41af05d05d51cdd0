import LlamaServer
import Scheduling
import Testing

@Suite("Who speaks for an upstream")
struct OwnershipTests {
    @Test("a restarted agent takes its upstream over with its leases")
    func restarted() throws {
        var scene = Scene(slots: [2])
        let lease = try scene.lease()
        scene.leave("a", .connectionEnded)
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
        var scene = Scene()
        scene.report("a", total: 2, maximumSilence: .milliseconds(1))
        _ = scene.retry(try scene.lease(), .connectFailed)
        scene.tick(after: .milliseconds(1))
        scene.report("a", by: "a2", total: 2)
        #expect(try scene["a"].agent?.rawValue == "a2")
        #expect(try !scene["a"].isUsable)
    }

    @Test("of two agents for one address, the first is heard for as long as it speaks, and the other is told to wait")
    func twoAgents() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 2, name: "gpu-1")
        scene.report("a", by: "second", total: 60_000, name: "gpu-2")
        scene.report("a", by: "second", total: 0)
        #expect(scene.scheduler.summary.slotsTotal == 2)
        #expect(try scene["a"].agent?.rawValue == "first")
        #expect(try scene["a"].claim?.agent.rawValue == "second")
        #expect(try scene["a"].claim?.name == "gpu-2")
        #expect(scene.standing(of: "first") == .speaks)
        #expect(scene.standing(of: "second") == .waits(for: AgentID(rawValue: "first"), name: "gpu-1"))
        #expect(scene.scheduler.snapshot(at: scene.now).counters.reportsIgnored == 2)
        #expect(scene.events == ["joined", "conflict"])
    }

    @Test("the end of an agent that isn't heard changes nothing but the conflict")
    func otherLeaves() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 2)
        scene.report("a", by: "second", total: 3)
        scene.leave("second", .connectionEnded)
        scene.leave("nobody")
        #expect(scene.scheduler.summary.usable == 1)
        #expect(try scene["a"].claim == nil)
        #expect(scene.lost.isEmpty)
        #expect(scene.events == ["joined", "conflict", "conflict_over"])
    }

    @Test("when the owner leaves, the other is asked at once, and its report takes over")
    func ownerLeaves() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 2)
        scene.report("a", by: "second", total: 3)
        let lease = try scene.lease()
        #expect(scene.leave("first").polled == ["second"])
        #expect(scene.scheduler.summary.registered == 0)
        scene.pass(.seconds(1))
        scene.report("a", by: "second", total: 2, processing: 1)
        #expect(try scene["a"].id == lease.upstream)
        #expect(try scene["a"].agent?.rawValue == "second")
        #expect(try scene["a"].claim == nil)
        #expect(try scene["a"].slotsIdle == 1)
        #expect(scene.standing(of: "second") == .speaks)
    }

    @Test("when the owner falls silent, the next report of the other takes over, and the owner waits")
    func ownerSilent() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 3, maximumSilence: .seconds(10))
        scene.report("a", by: "second", total: 2)
        #expect(scene.tick(after: .seconds(10)).polled == ["second"])
        #expect(scene.scheduler.summary.usable == 0)
        scene.report("a", by: "second", total: 2)
        #expect(scene.scheduler.summary.slotsTotal == 2)
        scene.report("a", by: "first", total: 3)
        #expect(scene.scheduler.summary.slotsTotal == 2)
        #expect(scene.standing(of: "first") == .waits(for: AgentID(rawValue: "second"), name: nil))
    }

    @Test("who is about to stop gives its upstream up to another that speaks for it")
    func ownerStops() throws {
        var scene = Scene()
        scene.report("a", by: "first", total: 2)
        scene.report("a", by: "first", total: 2, isLeaving: true)
        scene.report("a", by: "second", total: 3)
        #expect(scene.scheduler.summary.slotsTotal == 3)
        #expect(scene.events == ["joined", "taken_over"])
    }

    @Test(
        "an address is one upstream however it is written",
        arguments: ["127.1", "localhost", "LOCALHOST", "localhost.", "::ffff:127.0.0.1", "0x7f000001", "2130706433"]
    )
    func aliases(host: String) throws {
        var scene = Scene()
        scene.report("127.0.0.1", by: "first", total: 2)
        scene.report(host, by: "second", total: 2)
        #expect(scene.scheduler.upstreamCount == 1)
        #expect(scene.scheduler.summary.slotsTotal == 2)
        scene.drain(host)
        #expect(scene.scheduler.summary.usable == 0)
        #expect(try scene["127.0.0.1"].isDraining)
    }

    @Test("agents that come and go at one address are not listened to after so many times in a minute")
    func flapping() throws {
        var scene = Scene { $0.maximumChangesPerMinute = 30 }
        for number in 0..<100 {
            scene.report("a", by: "flap\(number)", total: 1)
            #expect(scene.scheduler.summary.registered == (number < 30 ? 1 : 0))
            if number == 50 { #expect(scene.standing(of: "flap50") == .changesTooOften(limit: 30)) }
            scene.leave("flap\(number)", .connectionEnded)
        }
        scene.pass(.seconds(60))
        scene.report("a", by: "honest", total: 1)
        #expect(scene.scheduler.summary.registered == 1)
    }

    @Test("claims of many that come and go are told of once a minute")
    func flappingClaims() throws {
        var scene = Scene(slots: [1])
        for number in 0..<100 {
            scene.report("a", by: "flap\(number)", total: 0)
            scene.leave("flap\(number)", .connectionEnded)
        }
        #expect(try scene.lease().address.host == "a")
        #expect(scene.events == ["joined", "conflict", "conflict_over"])
        scene.pass(.seconds(60))
        scene.report("a", by: "flap", total: 0)
        #expect(scene.events.last == "conflict")
    }

    @Test("two upstreams with one name are told of")
    func oneName() {
        var scene = Scene()
        scene.report("a", total: 1, name: "gpu-1")
        scene.report("b", total: 1, name: "gpu-1")
        scene.report("b", total: 1, name: "gpu-1")
        #expect(scene.events == ["joined", "joined", "name_taken"])
        scene.report("a", total: 1, name: "gpu-2")
        scene.report("a", total: 1, name: "gpu-1")
        #expect(scene.events.last == "name_taken")
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

    @Test("an agent that moves to another's address waits there")
    func movedOntoAnother() throws {
        var scene = Scene(slots: [1, 2])
        scene.report("b", by: "a", total: 4)
        #expect(scene.scheduler.upstreamCount == 1)
        #expect(scene.scheduler.summary.slotsTotal == 2)
        #expect(try scene["b"].claim?.agent.rawValue == "a")
        #expect(scene.lost.isEmpty)
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
        #expect(scene.standing(of: "c") == .tooMany(limit: 2))
        scene.leave("a")
        scene.report("c", total: 1)
        #expect(try scene["c"].isUsable)
    }
}
