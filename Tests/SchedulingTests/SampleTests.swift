import LlamaServer
import Scheduling
import Testing

@Suite("What samples tell")
struct SampleTests {
    @Test("slots that others use are not idle")
    func foreign() throws {
        var scene = Scene()
        scene.report("a", total: 4, processing: 3)
        #expect(try scene["a"].slotsForeign == 3)
        #expect(scene.scheduler.summary.slotsIdle == 1)
        #expect(scene.scheduler.summary.slotsProcessing == 3)
    }

    @Test("while requests wait, slots that others use are looked at again soon, and as long as both is so")
    func foreignWhileWaiting() throws {
        var scene = Scene(slots: [1])
        scene.pass(.seconds(1))
        scene.report("a", total: 1, processing: 1)
        #expect(scene.tick(after: .seconds(2)).polled.isEmpty)
        try scene.queue()
        scene.report("a", total: 1, processing: 1)
        #expect(scene.tick(after: .milliseconds(1400)).polled.isEmpty)
        #expect(scene.tick(after: .milliseconds(200)).polled == ["a"])
        #expect(scene.report("a", total: 1, processing: 0).dispatched == [1])
        #expect(scene.tick(after: .seconds(10)).polled.isEmpty)
    }

    @Test("a request that begins to wait has slots that others use looked at, at once or as soon as that may be")
    func foreignWhenWaitingBegins() throws {
        var scene = Scene(slots: [1])
        scene.pass(.seconds(1))
        scene.report("a", total: 1, processing: 1)
        #expect(scene.tick(after: .seconds(2)).polled.isEmpty)
        let first = try scene.queue()
        #expect(scene.tick().polled == ["a"])
        scene.report("a", total: 1, processing: 1)
        _ = scene.cancel(first)
        scene.pass(.milliseconds(100))
        scene.report("a", total: 1, processing: 1)
        try scene.queue()
        #expect(scene.tick().polled.isEmpty)
        #expect(scene.tick(after: .milliseconds(1150)).polled == ["a"])
    }

    @Test("a request for a server that its agent seldom looks at has it looked at, once")
    func resting() throws {
        var scene = Scene(slots: [4])
        scene.pass(.seconds(60))
        scene.report("a", total: 4, isResting: true)
        #expect(scene.tick(after: .seconds(60)).polled.isEmpty)
        _ = try scene.leases(1)
        #expect(scene.tick(after: .seconds(1)).polled == ["a"])
        _ = try scene.leases(1)
        #expect(scene.tick(after: .seconds(10)).polled.isEmpty)
        scene.report("a", total: 4, processing: 3)
        #expect(try scene["a"].slotsForeign == 1)
        _ = try scene.leases(1)
        #expect(scene.tick(after: .seconds(10)).polled.isEmpty)
    }

    @Test("a look that came too early for a request is followed by another")
    func restingTooEarly() throws {
        var scene = Scene(slots: [4])
        scene.pass(.seconds(60))
        _ = try scene.leases(1)
        scene.report("a", total: 4, age: .milliseconds(10), isResting: true)
        #expect(scene.tick(after: .seconds(1)).polled == ["a"])
    }

    @Test("our own leases are not taken for others")
    func ownNotForeign() throws {
        var scene = Scene(slots: [4])
        _ = try scene.leases(3)
        scene.pass(.seconds(1))
        scene.report("a", total: 4, processing: 3)
        #expect(try scene["a"].slotsForeign == 0)
        #expect(try scene["a"].slotsIdle == 1)
    }

    @Test("a sample of before our leases ended still shows them, and they are not taken for others")
    func lateSample() throws {
        var scene = Scene(slots: [4])
        let leases = try scene.leases(3)
        scene.pass(.seconds(2))
        leases.forEach { scene.finish($0) }
        scene.pass(.milliseconds(500))
        scene.report("a", total: 4, processing: 3, age: .milliseconds(600))
        #expect(try scene["a"].slotsForeign == 0)
    }

    @Test("a lease that began and ended within the time of the sample isn't taken for another's")
    func shortLease() throws {
        var scene = Scene(slots: [4])
        scene.pass(.seconds(1))
        let lease = try scene.lease()
        scene.pass(.milliseconds(60))
        scene.finish(lease)
        scene.pass(.milliseconds(60))
        scene.report("a", total: 4, processing: 1, age: .milliseconds(80))
        #expect(try scene["a"].slotsForeign == 0)
    }

    @Test("a sample of before our leases began shows only others")
    func sampleBeforeLeases() throws {
        var scene = Scene(slots: [4])
        scene.pass(.seconds(2))
        _ = try scene.leases(2)
        scene.pass(.milliseconds(300))
        scene.report("a", total: 4, processing: 2, age: .milliseconds(350))
        #expect(try scene["a"].slotsForeign == 2)
        #expect(try scene["a"].slotsIdle == 0)
    }

    @Test("a clock that is off by a few milliseconds doesn't invent others")
    func skewedClock() throws {
        var scene = Scene(slots: [4])
        let leases = try scene.leases(4)
        scene.pass(.seconds(2))
        leases.forEach { scene.finish($0) }
        scene.pass(.milliseconds(80))
        scene.report("a", total: 4, processing: 4)
        #expect(try scene["a"].slotsIdle == 4)
    }

    @Test("a sample no newer than the last one changes nothing")
    func outOfOrder() throws {
        var scene = Scene()
        scene.pass(.seconds(10))
        scene.report("a", total: 4, processing: 1, age: .seconds(1))
        scene.report("a", total: 2, processing: 2, age: .seconds(2))
        scene.report("a", total: 3, processing: 3, age: .seconds(1))
        #expect(try scene["a"].slotsTotal == 4)
        #expect(try scene["a"].slotsForeign == 1)
    }

    @Test("a sample of before what is remembered says nothing of others")
    func tooOld() throws {
        var scene = Scene(slots: [4])
        for _ in 0..<100 {
            scene.pass(.milliseconds(100))
            scene.finish(try scene.lease())
        }
        scene.report("a", total: 4, processing: 4, age: .seconds(9))
        #expect(try scene["a"].slotsForeign == 0)
    }

    @Test("an upstream that comes back isn't judged by samples of its former life")
    func formerLife() throws {
        var scene = Scene(slots: [4])
        let leases = try scene.leases(3)
        scene.pass(.seconds(1))
        scene.leave("a")
        leases.forEach { scene.finish($0) }
        #expect(scene.scheduler.upstreamCount == 0)
        scene.pass(.milliseconds(50))
        scene.report("a", total: 4, processing: 3, age: .milliseconds(60))
        #expect(try scene["a"].slotsIdle == 4)
        scene.pass(.seconds(1))
        scene.report("a", total: 4, processing: 3)
        #expect(try scene["a"].slotsIdle == 1)
    }

    @Test("a sample from the future doesn't make all later ones look old")
    func future() throws {
        var scene = Scene()
        scene.report("a", total: 4, processing: 4, age: .seconds(-1000))
        scene.pass(.seconds(1))
        scene.report("a", total: 4, processing: 1)
        #expect(try scene["a"].slotsForeign == 1)
    }

    @Test(
        "nonsense is moved into range",
        arguments: [(-3, 1, 0, 0), (4, -7, 4, 0), (4, 99, 4, 4), (.max, .max, 1_048_575, 1_048_575)]
    )
    func nonsense(total: Int, processing: Int, expectedTotal: Int, expectedForeign: Int) throws {
        var scene = Scene()
        scene.report("a", total: total, processing: processing)
        #expect(try scene["a"].slotsTotal == expectedTotal)
        #expect(try scene["a"].slotsForeign == expectedForeign)
    }

    @Test("a total that shrinks under the leases leaves fewer than no idle slots until some end")
    func shrunk() throws {
        var scene = Scene(slots: [4])
        let leases = try scene.leases(4)
        scene.pass(.seconds(1))
        scene.report("a", total: 2, processing: 2)
        #expect(try scene["a"].slotsIdle == -2)
        #expect(scene.scheduler.summary.slotsIdle == 0)
        try scene.queue()
        #expect(scene.finish(leases[0]).isEmpty)
        #expect(scene.finish(leases[1]).isEmpty)
        #expect(scene.finish(leases[2]).dispatched == [5])
    }

    @Test("a slot that another took before our lease reached it is theirs again when our lease ends")
    func foreignBehindOwn() throws {
        var scene = Scene(slots: [2])
        scene.pass(.seconds(2))
        let leases = try scene.leases(2)
        scene.report("a", total: 2, processing: 1, age: .milliseconds(300))
        #expect(try scene["a"].slotsForeign == 0)
        scene.finish(leases[0])
        #expect(try scene["a"].slotsForeign == 1)
        #expect(try scene["a"].slotsIdle == 0)
        scene.finish(leases[1])
        #expect(try scene["a"].slotsIdle == 1)
    }

    @Test("a report without a sample keeps what was known")
    func noSample() throws {
        var scene = Scene()
        scene.report("a", total: 4, processing: 1)
        scene.report("a")
        #expect(try scene["a"].slotsIdle == 3)
    }

    @Test("ready without any sample serves requests that need no slot")
    func neverSampled() throws {
        var scene = Scene()
        scene.report("a")
        #expect(scene.submit().ticket != nil)
        #expect(scene.scheduler.freeUpstream(avoiding: nil) != nil)
    }
}
