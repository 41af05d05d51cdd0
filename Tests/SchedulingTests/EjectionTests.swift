import Scheduling
import Testing

@Suite("Ejection")
struct EjectionTests {
    @Test(
        "failures that show it dead eject an upstream for everyone",
        arguments: [.connectFailed, .unavailable] as [Failure]
    )
    func ejects(_ failure: Failure) throws {
        var scene = Scene(slots: [2])
        _ = scene.retry(try scene.lease(), failure)
        #expect(try scene["a"].ejectedFor == .seconds(1))
        #expect(scene.scheduler.summary.usable == 0)
        #expect(scene.tick(after: .seconds(1) - .nanoseconds(1)).isEmpty)
        #expect(scene.tick(after: .nanoseconds(1)).dispatched == [1])
    }

    @Test("each ejection without an answer in between is twice as long, up to 30 s")
    func grows() throws {
        var scene = Scene(slots: [1])
        let id = try scene["a"].id
        var lengths: [Duration?] = []
        for _ in 0..<7 {
            scene.connectFailed(id)
            let length = try scene["a"].ejectedFor
            lengths.append(length)
            scene.tick(after: length ?? .zero)
        }
        #expect(lengths == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
    }

    @Test("an answer makes the next ejection short again")
    func answered() throws {
        var scene = Scene(slots: [1])
        let id = try scene["a"].id
        scene.connectFailed(id)
        scene.tick(after: .seconds(1))
        scene.connectFailed(id)
        scene.tick(after: .seconds(2))
        scene.finish(try scene.lease())
        scene.connectFailed(id)
        #expect(try scene["a"].ejectedFor == .seconds(1))
    }

    @Test("leases that fail together eject once")
    func together() throws {
        var scene = Scene(slots: [4])
        for lease in try scene.leases(4) {
            _ = scene.retry(lease, .connectFailed)
            scene.pass(.milliseconds(100))
        }
        #expect(try scene["a"].ejectedFor == .milliseconds(600))
        #expect(try scene["a"].ejectionsInARow == 1)
    }

    @Test("a failure after the end of an ejection ejects again, noticed or not")
    func afterTheEnd() throws {
        var scene = Scene(slots: [2])
        let leases = try scene.leases(2)
        _ = scene.retry(leases[0], .connectFailed)
        scene.pass(.seconds(1))
        _ = scene.retry(leases[1], .connectFailed)
        #expect(try scene["a"].ejectedFor == .seconds(2))
    }

    @Test("breaking off ejects at the third in a row")
    func brokenOff() throws {
        var scene = Scene(slots: [4])
        let leases = try scene.leases(3)
        _ = scene.retry(leases[0], .brokenOff)
        _ = scene.retry(leases[1], .brokenOff)
        #expect(try scene["a"].isUsable)
        _ = scene.retry(leases[2], .brokenOff)
        #expect(try !scene["a"].isUsable)
    }

    @Test("so do answers that are malformed or cut, or else such a server would attract requests")
    func failed() throws {
        var scene = Scene(slots: [4])
        for _ in 0..<2 { scene.finish(try scene.lease(), .failed) }
        #expect(try scene["a"].isUsable)
        scene.finish(try scene.lease(), .failed)
        #expect(try !scene["a"].isUsable)
    }

    @Test("an answer in between makes them not in a row")
    func brokenOffNotInARow() throws {
        var scene = Scene(slots: [4])
        for _ in 0..<3 {
            let leases = try scene.leases(3)
            _ = scene.retry(leases[0], .brokenOff).submission?.lease.map {
                scene.finish($0, .clientLeft(runsOn: .no))
            }
            _ = scene.retry(leases[1], .brokenOff).submission?.lease.map {
                scene.finish($0, .clientLeft(runsOn: .no))
            }
            scene.finish(leases[2])
        }
        #expect(try scene["a"].isUsable)
    }

    @Test("a 503 that isn't llama-server's ejects as soon as another server has answered the same request")
    func refused() throws {
        var scene = Scene(slots: [1, 1])
        let again = try #require(scene.retry(try scene.lease(), .refused).submission?.lease)
        #expect(scene.scheduler.summary.usable == 2)
        scene.finish(again)
        #expect(try !scene["a"].isUsable)
        #expect(try scene["b"].isUsable)
    }

    @Test("requests that every server refuses eject none of them")
    func refusedEverywhere() throws {
        var scene = Scene(slots: [1, 1, 1])
        for _ in 0..<5 {
            let second = try #require(scene.retry(try scene.lease(), .refused).submission?.lease)
            let third = try #require(scene.retry(second, .refused).submission?.lease)
            scene.finish(third, .clientLeft(runsOn: .no))
        }
        #expect(scene.scheduler.summary.usable == 3)
    }

    @Test("a server that answers what it refused before stays")
    func refusedAndAnswered() throws {
        var scene = Scene(slots: [1])
        scene.finish(try #require(scene.retry(try scene.lease(), .refused).submission?.lease))
        #expect(try scene["a"].isUsable)
    }

    @Test("one poisonous request doesn't take out a fleet")
    func poison() throws {
        var scene = Scene(slots: [1, 1, 1, 1])
        var lease = try scene.lease()
        while let next = scene.retry(lease, .brokenOff).submission?.lease { lease = next }
        #expect(scene.scheduler.summary.usable == 4)
    }

    @Test("a good report doesn't end it")
    func goodReport() throws {
        var scene = Scene(slots: [1])
        scene.connectFailed(try scene["a"].id)
        scene.report("a", total: 1)
        #expect(try !scene["a"].isUsable)
    }

    @Test("a restart that the agent has seen ends it")
    func restart() throws {
        var scene = Scene(slots: [1])
        scene.connectFailed(try scene["a"].id)
        scene.report("a", .loading)
        scene.report("a", total: 1)
        #expect(try scene["a"].isUsable)
        scene.connectFailed(try scene["a"].id)
        #expect(try scene["a"].ejectedFor == .seconds(1))
    }

    @Test("leases on an ejected upstream go on")
    func leasesGoOn() throws {
        var scene = Scene(slots: [2])
        let leases = try scene.leases(2)
        _ = scene.retry(leases[0], .connectFailed)
        #expect(scene.finish(leases[1]).isEmpty)
        #expect(try scene["a"].slotsLeased == 0)
        #expect(scene.scheduler.snapshot(at: scene.now).counters.answered == 1)
    }
}
