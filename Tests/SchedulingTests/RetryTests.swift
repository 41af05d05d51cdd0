import LlamaServer
import Scheduling
import Testing

@Suite("Trying again")
struct RetryTests {
    @Test("a failed request goes elsewhere at once", arguments: Failure.allCases)
    func elsewhere(_ failure: Failure) throws {
        var scene = Scene(slots: [2, 1])
        let first = try scene.lease()
        let second = try #require(scene.retry(first, failure).submission?.lease)
        #expect(second.request == first.request)
        #expect(second.address.host == "b")
        #expect(second.attempt == 2)
        #expect(scene.scheduler.leasedCount == 1)
    }

    @Test("a failed request keeps the place of its arrival")
    func keepsItsPlace() throws {
        var scene = Scene(slots: [1, 1])
        let leases = try scene.leases(2)
        for _ in 0..<3 { try scene.queue() }
        #expect(scene.retry(leases[1], .connectFailed).submission?.ticket != nil)
        #expect(scene.finish(leases[0]).dispatched == [2])
    }

    @Test("of two that failed, the one that arrived first is first again, whichever failed first")
    func orderAmongFailed() throws {
        var scene = Scene(slots: [1, 1, 1])
        let leases = try scene.leases(3)
        try scene.queue()
        _ = scene.retry(leases[1], .connectFailed)
        _ = scene.retry(leases[0], .connectFailed)
        let next = scene.finish(leases[2])
        #expect(next.dispatched == [1])
        #expect(scene.finish(try #require(next.leases.first)).dispatched == [2])
    }

    @Test("a full queue doesn't refuse a failed request", arguments: [0, 2])
    func fullQueue(_ maximum: Int) throws {
        var scene = Scene(slots: [1]) { $0.maximumQueued = maximum }
        let lease = try scene.lease()
        for _ in 0..<maximum { try scene.queue() }
        #expect(scene.retry(lease, .unavailable).submission?.ticket != nil)
        #expect(scene.scheduler.queuedCount == maximum + 1)
        #expect(scene.tick(after: .seconds(1)).dispatched == [1])
    }

    @Test("what may have ended its server ends with it, and what came to it after another's end goes elsewhere")
    func suspects() throws {
        var scene = Scene(slots: [2, 1])
        let first = try scene.lease()
        scene.pass(.milliseconds(1))
        scene.report("b", total: 0)
        let suspect = try scene.lease()
        scene.pass(.milliseconds(1))
        _ = scene.finish(first, .failed)
        let innocent = try scene.lease()
        #expect(innocent.address.host == "a")
        scene.pass(.milliseconds(1))
        scene.report("b", total: 1)
        #expect(scene.died(suspect).submission == nil)
        #expect(scene.died(innocent).submission?.lease?.address.host == "b")
    }

    /// What a server can show of itself after it has broken something off.
    enum SignOfLife: CaseIterable {
        case answer, sample, restart
    }

    @Test("a server that has shown life since isn't gone for what was before", arguments: SignOfLife.allCases)
    func signOfLife(_ sign: SignOfLife) throws {
        var scene = Scene(slots: [3])
        _ = scene.finish(try scene.lease(), .failed)
        scene.pass(.milliseconds(1))
        let asked = try scene.lease()
        scene.pass(.milliseconds(1))
        switch sign {
        case .answer: _ = scene.finish(asked)
        case .sample: scene.report("a", total: 3)
        case .restart:
            scene.report("a", .loading)
            scene.report("a", total: 3)
        }
        #expect(scene.died(try scene.lease()).submission == nil)
    }

    @Test("an answer, or a sample, that was begun before the break is no sign of life")
    func lateWords() throws {
        var scene = Scene(slots: [3, 1])
        let old = try scene.lease()
        scene.pass(.milliseconds(2))
        scene.report("b", total: 0)
        let broken = try scene.lease()
        scene.pass(.milliseconds(2))
        _ = scene.finish(broken, .failed)
        scene.pass(.milliseconds(2))
        let innocent = try scene.lease()
        _ = scene.finish(old)
        scene.report("a", total: 3, age: .milliseconds(3))
        scene.report("b", total: 1)
        #expect(scene.died(innocent).submission?.lease?.address.host == "b")
    }

    @Test("the slot of one that was broken off goes to the next in the queue, who may use it")
    func slotForOthers() throws {
        var scene = Scene(slots: [1, 1])
        let leases = try scene.leases(2)
        try scene.queue()
        let (submission, others) = scene.retry(leases[0], .brokenOff)
        #expect(submission?.ticket != nil)
        #expect(others.dispatched == [3])
        #expect(others.leases.first?.address.host == "a")
        #expect(scene.finish(leases[1]).dispatched == [1])
    }

    @Test("where it was broken off is better than nowhere")
    func onlyUpstream() throws {
        var scene = Scene(slots: [1])
        let lease = try scene.lease()
        #expect(scene.retry(lease, .brokenOff).submission?.lease?.address.host == "a")
    }

    @Test("when the other upstream goes away, where it was broken off is good again")
    func otherGoesAway() throws {
        var scene = Scene(slots: [1, 1])
        let leases = try scene.leases(2)
        #expect(scene.retry(leases[0], .brokenOff).submission?.ticket != nil)
        #expect(scene.report("b", .down("connection refused")).dispatched == [1])
    }

    @Test("when the other upstream is ejected for a request without a slot, likewise")
    func otherIsEjected() throws {
        var scene = Scene(slots: [1, 1])
        let leases = try scene.leases(2)
        _ = scene.retry(leases[0], .brokenOff)
        #expect(scene.connectFailed(leases[1].upstream).dispatched == [1])
    }

    @Test("an upstream that was restarted isn't the one that broke it off")
    func restarted() throws {
        var scene = Scene(slots: [1, 1])
        let leases = try scene.leases(2)
        _ = scene.retry(leases[0], .brokenOff)
        #expect(scene.report("a", .loading).isEmpty)
        #expect(scene.report("a", total: 1).dispatched == [1])
    }

    @Test("of those that avoid the idle upstream and those that don't, the first that may goes")
    func mixedGroups() throws {
        var scene = Scene(slots: [1, 1])
        let leases = try scene.leases(2)
        try scene.queue()
        try scene.queue()
        // 1 avoids a, so 3 gets a; b goes to 1, not to 4.
        _ = scene.retry(leases[0], .brokenOff)
        #expect(scene.finish(leases[1]).dispatched == [1])
        #expect(scene.scheduler.queuedCount == 1)
    }

    @Test("after so many times broken off a request is given up", arguments: [1, 2, 3])
    func attempts(_ maximum: Int) throws {
        var scene = Scene(slots: [1, 1, 1, 1]) { $0.maximumAttempts = maximum }
        var lease = try scene.lease()
        for _ in 1..<maximum { lease = try #require(scene.retry(lease, .brokenOff).submission?.lease) }
        #expect(scene.retry(lease, .brokenOff).submission?.rejection == .attemptsExhausted(attempts: maximum))
        #expect(scene.scheduler.leasedCount == 0)
    }

    @Test(
        "a request that was never executed is tried until its time is up",
        arguments: [.connectFailed, .unavailable] as [Failure]
    )
    func neverExecuted(_ failure: Failure) throws {
        var scene = Scene(slots: [1]) {
            $0.queueTimeout = .seconds(60)
            $0.maximumAttempts = 1
        }
        var lease = try scene.lease()
        let start = scene.now
        var attempts = 0
        while true {
            attempts += 1
            guard scene.retry(lease, failure).submission?.ticket != nil else { break }
            while scene.scheduler.queuedCount > 0, scene.now - start < .seconds(100) {
                guard let next = scene.tick(after: .milliseconds(500)).leases.first else { continue }
                lease = next
            }
            if scene.scheduler.leasedCount == 0 { break }
        }
        // Ejected for 1, 2, 4, 8, 16 and 30 s.
        #expect(attempts == 6)
        #expect(scene.now - start == .seconds(60))
        #expect(scene.scheduler.snapshot(at: scene.now).counters.rejectedWaitedTooLong == 1)
    }

    @Test("the waits of a request add up")
    func waitsAddUp() throws {
        var scene = Scene(slots: [1, 1]) { $0.queueTimeout = .seconds(60) }
        let leases = try scene.leases(2)
        try scene.queue()
        scene.pass(.seconds(40))
        let third = try #require(scene.finish(leases[0]).leases.first)
        scene.pass(.seconds(1000))
        #expect(scene.retry(third, .brokenOff).submission?.ticket != nil)
        #expect(scene.tick(after: .seconds(20) - .nanoseconds(1)).rejected.isEmpty)
        #expect(scene.tick(after: .nanoseconds(1)).rejected == [3])
    }

    @Test("a request whose time is up gets one more idle slot, and not a second one")
    func lastChance() throws {
        var scene = Scene(slots: [1, 1, 1]) { $0.queueTimeout = .seconds(60) }
        let first = try scene.lease()
        scene.pass(.seconds(100))
        let second = try #require(scene.retry(first, .connectFailed).submission?.lease)
        guard case .waitedTooLong = scene.retry(second, .connectFailed).submission?.rejection else {
            Issue.record("it was tried a third time")
            return
        }
    }
}
