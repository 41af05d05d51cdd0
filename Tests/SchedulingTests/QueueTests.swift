import LlamaServer
import Scheduling
import Testing

@Suite("The queue")
struct QueueTests {
    @Test("a request gets an idle slot at once")
    func idleSlot() throws {
        var scene = Scene(slots: [1])
        let lease = try scene.lease()
        #expect(lease.address.host == "a")
        #expect(lease.attempt == 1)
        #expect(scene.scheduler.leasedCount == 1)
        #expect(scene.scheduler.summary.slotsIdle == 0)
    }

    @Test("a freed slot goes to the request that waited longest, in the same call")
    func firstComeFirstServed() throws {
        var scene = Scene(slots: [1])
        let first = try scene.lease()
        for _ in 0..<3 { try scene.queue() }
        let second = scene.finish(first)
        #expect(second.dispatched == [2])
        #expect(scene.finish(try #require(second.leases.first)).dispatched == [3])
    }

    @Test("requests that arrived before the first upstream are dispatched in order as soon as it registers")
    func beforeTheFleet() throws {
        var scene = Scene()
        for _ in 0..<5 { try scene.queue() }
        #expect(scene.report("a", total: 3).dispatched == [1, 2, 3])
        #expect(scene.scheduler.queuedCount == 2)
    }

    @Test("a slot that a report adds goes to the head of the queue")
    func grownTotal() throws {
        var scene = Scene(slots: [1])
        _ = try scene.lease()
        for _ in 0..<2 { try scene.queue() }
        scene.pass(.seconds(1))
        #expect(scene.report("a", total: 2, processing: 1).dispatched == [2])
    }

    @Test("as many may wait as configured, running ones not counted", arguments: [0, 1, 5])
    func limit(_ maximum: Int) throws {
        var scene = Scene(slots: [2]) { $0.maximumQueued = maximum }
        _ = try scene.leases(2)
        for _ in 0..<maximum { try scene.queue() }
        #expect(scene.submit().rejection == .queueFull(limit: maximum, scene.scheduler.summary))
        #expect(scene.scheduler.snapshot(at: scene.now).counters.rejectedQueueFull == 1)
    }

    @Test("a request that would wait too long by the pace of the others is refused at once")
    func expectedWait() throws {
        var scene = Scene(slots: [2]) { $0.maximumExpectedWait = .seconds(10) }
        // Nobody can tell yet.
        let running = try scene.leases(2)
        let last = [try scene.queue(), try scene.queue(), try scene.queue()].last
        scene.pass(.seconds(8))
        #expect(scene.finish(running[0]).dispatched == [3])
        // 8 s each, two at a time: behind two others it would be 12 s.
        let refused = Rejection.waitTooLong(expected: .seconds(12), limit: .seconds(10), scene.scheduler.summary)
        #expect(scene.submit().rejection == refused)
        #expect(scene.scheduler.snapshot(at: scene.now).counters.rejectedWaitTooLong == 1)
        #expect(scene.cancel(try #require(last)) == true)
        _ = try scene.queue()
    }

    @Test("a cancelled request leaves the queue, whatever its place", arguments: 0..<4)
    func cancelled(_ place: Int) throws {
        var scene = Scene(slots: [1])
        let running = try scene.lease()
        let tickets = try (0..<4).map { _ in try scene.queue() }
        #expect(scene.cancel(tickets[place]) == true)
        #expect(scene.cancel(tickets[place]) == false)

        var order: [UInt64] = []
        var decisions = scene.finish(running)
        while let lease = decisions.leases.first {
            order.append(lease.request.rawValue)
            decisions = scene.finish(lease)
        }
        #expect(order == [2, 3, 4, 5].filter { $0 != UInt64(place + 2) })
    }

    @Test("cancelling says so when the request has its slot already")
    func cancelledTooLate() throws {
        var scene = Scene(slots: [1])
        let running = try scene.lease()
        let ticket = try scene.queue()
        let next = try #require(scene.finish(running).leases.first)
        #expect(scene.cancel(ticket) == false)
        scene.finish(next, .clientLeft(runsOn: .no))
        #expect(scene.scheduler.summary.slotsIdle == 1)
    }

    @Test("a request that waited too long is rejected at its deadline and not before")
    func deadline() throws {
        var scene = Scene(slots: [1]) { $0.queueTimeout = .seconds(60) }
        _ = try scene.lease()
        try scene.queue()
        #expect(scene.scheduler.nextTick == scene.now + .seconds(60))
        #expect(scene.tick(after: .seconds(60) - .nanoseconds(1)).isEmpty)
        let summary = scene.scheduler.summary
        #expect(
            scene.tick(after: .nanoseconds(1))
                == [.reject(RequestID(rawValue: 2), .waitedTooLong(waited: .seconds(60), summary))]
        )
        #expect(scene.scheduler.queuedCount == 0)
    }

    @Test("the timeout bounds the wait and not the answer")
    func runningForLong() throws {
        var scene = Scene(slots: [1]) { $0.queueTimeout = .seconds(60) }
        let lease = try scene.lease()
        #expect(scene.tick(after: .seconds(3600)).isEmpty)
        #expect(scene.retry(lease, .brokenOff).submission?.lease != nil)
    }

    @Test("a lease that is given back twice frees its slot once")
    func givenBackTwice() throws {
        var scene = Scene(slots: [1])
        let first = try scene.lease()
        for _ in 0..<3 { try scene.queue() }
        scene.finish(first)
        #expect(scene.finish(first).isEmpty)
        let again = scene.retry(first, .connectFailed)
        #expect(again.submission == nil)
        #expect(again.others.isEmpty)
        #expect(scene.scheduler.leasedCount == 1)
    }

    @Test("a lease of before a retry is stale, though the request is the same")
    func staleAfterRetry() throws {
        var scene = Scene(slots: [2])
        let first = try scene.lease()
        let second = try #require(scene.retry(first, .brokenOff).submission?.lease)
        #expect(scene.finish(first).isEmpty)
        #expect(scene.scheduler.leasedCount == 1)
        scene.finish(second)
        #expect(scene.scheduler.leasedCount == 0)
    }

    @Test("records are used again: nothing grows with the number of requests")
    func steadyState() throws {
        var scene = Scene(slots: [2])
        for _ in 0..<100 {
            let leases = try scene.leases(2)
            let ticket = try scene.queue()
            #expect(scene.cancel(ticket) == true)
            leases.forEach { scene.finish($0) }
        }
        #expect(scene.scheduler.recordCount == 3)
    }

    @Test("time that goes back stands still")
    func backwards() throws {
        var scene = Scene(slots: [1]) { $0.queueTimeout = .seconds(1) }
        _ = try scene.lease()
        scene.pass(.seconds(10))
        try scene.queue()
        scene.now = scene.now - .seconds(5)
        #expect(scene.tick().isEmpty)
        try scene.queue()
        #expect(scene.scheduler.snapshot(at: scene.now + .seconds(5)).oldestWait == .zero)
    }
}
