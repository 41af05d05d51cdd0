import Scheduling
import Testing

@Suite("Slots whose client has left")
struct CoolingTests {
    @Test("a slot whose client left while it was answered stays counted")
    func counted() throws {
        var scene = Scene(slots: [1])
        let lease = try scene.lease()
        try scene.queue()
        #expect(scene.finish(lease, .clientLeft(runsOn: .untilItLooks)).isEmpty)
        #expect(try scene["a"].slotsCooling == 1)
        #expect(scene.scheduler.leasedCount == 0)
    }

    @Test("it is free at once when llama-server has surely noticed")
    func noticed() throws {
        var scene = Scene(slots: [1])
        let lease = try scene.lease()
        try scene.queue()
        #expect(scene.finish(lease, .clientLeft(runsOn: .no)).dispatched == [2])
    }

    @Test("a later sample that shows it idle frees it, and the queue gets it in the same call")
    func shownIdle() throws {
        var scene = try cooling()
        scene.pass(.milliseconds(500))
        #expect(scene.report("a", total: 1, processing: 0).dispatched == [2])
        #expect(scene.scheduler.coolingCount == 0)
    }

    @Test("that it is over is told once for each of its slots, whatever ends it", arguments: [true, false])
    func told(bySample: Bool) throws {
        var scene = Scene(slots: [3])
        let wide = try scene.lease(slots: 2)
        let other = try scene.lease()
        scene.finish(other)
        #expect(scene.finish(wide, .clientLeft(runsOn: .untilItLooks)).cooled.isEmpty)
        scene.pass(.seconds(2))
        #expect(scene.report("a", total: 3, processing: 1).cooled == [wide.request.rawValue])
        scene.pass(.seconds(2))
        let last = bySample ? scene.report("a", total: 3) : scene.tick(after: .seconds(30))
        #expect(last.cooled == [wide.request.rawValue])
        #expect(scene.tick(after: .seconds(60)).cooled.isEmpty)
    }

    @Test("a later sample that shows it processing keeps it, and takes it for nobody else's")
    func stillRunning() throws {
        var scene = try cooling()
        scene.pass(.milliseconds(500))
        scene.report("a", total: 1, processing: 1)
        #expect(try scene["a"].slotsCooling == 1)
        #expect(try scene["a"].slotsForeign == 0)
    }

    @Test(
        "a sample of before, or of about the time when it began to cool, says nothing about it",
        arguments: [50, 900]
    )
    func earlierSample(_ milliseconds: Int) throws {
        var scene = try cooling()
        scene.pass(.milliseconds(60))
        scene.report("a", total: 1, processing: 0, age: .milliseconds(milliseconds))
        #expect(try scene["a"].slotsCooling == 1)
        #expect(try scene["a"].slotsForeign == 0)
    }

    @Test("when its time is up, a slot that the last sample showed in use isn't idle, and the agent is asked")
    func expiresInUse() throws {
        var scene = try cooling()
        scene.pass(.milliseconds(500))
        scene.report("a", total: 1, processing: 1)
        let decisions = scene.tick(after: .seconds(30))
        #expect(decisions.dispatched.isEmpty)
        #expect(scene.scheduler.coolingCount == 0)
        #expect(try scene["a"].slotsForeign == 1)
        #expect(scene.tick(after: .milliseconds(1500)).polled == ["a"])
        #expect(scene.report("a", total: 1, processing: 0).dispatched == [2])
    }

    @Test("of several, as many stay as the sample shows beyond our own leases")
    func several() throws {
        var scene = Scene(slots: [4])
        let leases = try scene.leases(4)
        for lease in leases[1...] { scene.finish(lease, .clientLeft(runsOn: .untilItLooks)) }
        scene.pass(.seconds(1))
        scene.report("a", total: 4, processing: 3)
        #expect(try scene["a"].slotsLeased == 1)
        #expect(try scene["a"].slotsCooling == 2)
        #expect(try scene["a"].slotsIdle == 1)
    }

    @Test("what is processing beyond own and cooling ones is somebody else's")
    func andForeign() throws {
        var scene = Scene(slots: [4])
        let leases = try scene.leases(2)
        scene.finish(leases[0], .clientLeft(runsOn: .untilItLooks))
        scene.pass(.seconds(1))
        scene.report("a", total: 4, processing: 4)
        #expect(try scene["a"].slotsCooling == 1)
        #expect(try scene["a"].slotsForeign == 2)
    }

    @Test("it ends when its time is up, whatever samples show")
    func timeUp() throws {
        var scene = try cooling()
        scene.tick(after: .seconds(29))
        #expect(scene.scheduler.coolingCount == 1)
        #expect(scene.tick(after: .seconds(1)).dispatched == [2])
    }

    @Test("after a stream's client left, the agent is asked soon, then every 1.5 s for as long as something cools")
    func polls() throws {
        var scene = try cooling(.briefly)
        #expect(scene.scheduler.nextTick == scene.now + .milliseconds(200))
        #expect(scene.tick(after: .milliseconds(199)).polled.isEmpty)
        #expect(scene.tick(after: .milliseconds(1)).polled == ["a"])
        #expect(scene.tick(after: .milliseconds(1499)).polled.isEmpty)
        #expect(scene.tick(after: .milliseconds(1)).polled == ["a"])
        scene.report("a", total: 1, processing: 0)
        #expect(scene.tick(after: .seconds(10)).polled.isEmpty)
    }

    @Test("where llama-server has to look for its client first, it is left in peace for a good second")
    func peace() throws {
        var scene = try cooling()
        #expect(scene.tick(after: .milliseconds(1249)).polled.isEmpty)
        #expect(scene.tick(after: .milliseconds(1)).polled == ["a"])
        #expect(scene.tick(after: .milliseconds(1499)).polled.isEmpty)
        #expect(scene.tick(after: .milliseconds(1)).polled == ["a"])
    }

    @Test("an answer that doesn't begin, or go on, is given up as slowly")
    func timedOut() throws {
        var scene = try cooling(after: .timedOut)
        #expect(scene.tick(after: .milliseconds(1249)).polled.isEmpty)
        #expect(scene.tick(after: .milliseconds(1)).polled == ["a"])
    }

    @Test("a stream's client that leaves after another one isn't waited for longer because of that")
    func sooner() throws {
        var scene = Scene(slots: [2])
        let leases = try scene.leases(2)
        scene.finish(leases[0], .clientLeft(runsOn: .untilItLooks))
        scene.finish(leases[1], .clientLeft(runsOn: .briefly))
        #expect(scene.tick(after: .milliseconds(199)).polled.isEmpty)
        #expect(scene.tick(after: .milliseconds(1)).polled == ["a"])
    }

    @Test("never twice within 1.25 s, however many begin to cool", arguments: [RunsOn.briefly, .untilItLooks])
    func pollsNotTooOften(_ runsOn: RunsOn) throws {
        var scene = Scene(slots: [8])
        var last: Instant?
        for lease in try scene.leases(8) {
            scene.finish(lease, .clientLeft(runsOn: runsOn))
            for _ in 0..<7 where scene.tick(after: .milliseconds(60)).polled == ["a"] {
                if let last { #expect(scene.now - last >= .milliseconds(1250)) }
                last = scene.now
            }
        }
        #expect(last != nil)
    }

    @Test("an upstream whose agent left is kept for what cools there, and forgotten after it")
    func agentLeft() throws {
        var scene = Scene(slots: [1])
        scene.finish(try scene.lease(), .clientLeft(runsOn: .untilItLooks))
        scene.leave("a")
        #expect(scene.scheduler.upstreamCount == 1)
        #expect(scene.tick(after: .seconds(1)).polled.isEmpty)
        scene.tick(after: .seconds(30))
        #expect(scene.scheduler.isEmpty)
    }

    /// The only slot cools, and request 2 waits for it.
    private func cooling(_ runsOn: RunsOn = .untilItLooks) throws -> Scene {
        try cooling(after: .clientLeft(runsOn: runsOn))
    }

    private func cooling(after outcome: Outcome) throws -> Scene {
        var scene = Scene(slots: [1])
        scene.pass(.seconds(1))
        let lease = try scene.lease()
        try scene.queue()
        scene.pass(.seconds(1))
        scene.finish(lease, outcome)
        return scene
    }
}
