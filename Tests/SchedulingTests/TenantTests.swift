import LlamaServer
import Scheduling
import SchedulingSimulation
import SeededRandom
import Testing

@Suite("Tenants")
struct TenantTests {
    @Test("who sends one request at a time gets the next slot, whatever another has waiting")
    func flood() throws {
        var scene = Scene(slots: [2])
        let running = [try scene.lease(of: 1), try scene.lease(of: 1)]
        for _ in 0..<100 { try scene.queue(of: 1) }
        scene.pass(.seconds(1))
        let next = try #require(scene.finish(running[0]).leases.first)
        try scene.queue(of: 2)
        let single = scene.number
        scene.pass(.seconds(1))
        let served = scene.finish(running[1]).leases
        #expect(served.map(\.request.rawValue) == [single])
        scene.pass(.seconds(1))
        scene.finish(try #require(served.first))
        try scene.queue(of: 2)
        scene.pass(.seconds(1))
        #expect(scene.finish(next).dispatched == [scene.number])
    }

    @Test("of clients that come once each, and never wait, what is remembered has a limit")
    func once() throws {
        let scene = Scene(slots: [1])
        var scheduler = scene.scheduler
        var now = scene.now
        var most = 0
        for number in 1...UInt32(140_000) {
            var demand = RequestDemand()
            demand.terms = TenantTerms(tenant: TenantID(number: number))
            guard let lease = scheduler.submit(RequestID(rawValue: UInt64(number)), for: demand, at: now).lease else {
                Issue.record("request \(number) got no slot")
                return
            }
            now = now + .milliseconds(10)
            _ = scheduler.finished(lease, .answered, at: now)
            most = max(most, scheduler.lineCount)
        }
        #expect(most <= 1 << 17)
    }

    @Test("slot time is shared, and not requests: who has short answers gets more of them")
    func slotTime() throws {
        var fleet = SharedFleet(slots: 4, [.init(weight: 1, seconds: 1...1), .init(weight: 1, seconds: 10...10)])
        try fleet.run(for: .seconds(600))
        #expect(abs(fleet.shares[0] - 0.5) < 0.02)
        #expect(fleet.answered[0] > 9 * fleet.answered[1])
    }

    @Test("ten with very different answers get the same, and as many are answered as without tenants")
    func fairness() throws {
        let sharers = (0..<10).map { SharedFleet.Sharer(weight: 1, seconds: 0.05...(0.05 + Double($0 * $0) * 0.06)) }
        var fleet = SharedFleet(slots: 16, sharers)
        try fleet.run(for: .seconds(300))
        let squares = fleet.shares.reduce(0) { $0 + $1 * $1 }
        #expect(1 / (10 * squares) >= 0.98)
        #expect(fleet.isNeverIdle)
    }

    @Test("weights 1, 2 and 4 get one, two and four parts of the time")
    func weights() throws {
        let weights = [1, 2, 4]
        var fleet = SharedFleet(slots: 16, weights.map { .init(weight: $0, seconds: 0.05...5) })
        try fleet.run(for: .seconds(300))
        for (weight, share) in zip(weights, fleet.shares) {
            #expect(abs(share / (Double(weight) / 7) - 1) < 0.05)
        }
    }

    @Test("who comes back has saved nothing up, and pays nothing twice")
    func comesBack() throws {
        var fleet = SharedFleet(slots: 4, (0..<2).map { _ in .init(weight: 1, seconds: 0.5...1.5) })
        fleet.sharers[1].isBusy = false
        try fleet.run(for: .seconds(300))
        let before = fleet.had
        fleet.sharers[1].isBusy = true
        try fleet.run(for: .seconds(300))
        let since = zip(fleet.had, before).map { $0 - $1 }
        #expect(abs(since[0] / (since[0] + since[1]) - 0.5) < 0.03)
    }

    @Test("more than may run wait, and hold nobody up")
    func maximumRunning() throws {
        var scene = Scene(slots: [4])
        let first = try scene.lease(of: 1, running: 1)
        try scene.queue(of: 1, running: 1)
        let second = scene.number
        // Slots are idle, and others get them.
        let other = try scene.lease(of: 2)
        scene.finish(other)
        #expect(scene.scheduler.queuedCount == 1)
        #expect(scene.finish(first).dispatched == [second])
    }

    @Test("a slot that cools counts as running")
    func cooling() throws {
        var scene = Scene(slots: [4])
        let first = try scene.lease(of: 1, running: 1)
        try scene.queue(of: 1, running: 1)
        let second = scene.number
        #expect(scene.finish(first, .clientLeft(runsOn: .untilItLooks)).dispatched == [])
        scene.pass(.seconds(2))
        #expect(scene.report("a", total: 4).dispatched == [second])
    }

    @Test("no more wait than may, which is told of their tenant")
    func maximumWaiting() throws {
        var scene = Scene(slots: [1])
        _ = try scene.lease()
        for _ in 0..<2 { try scene.queue(of: 1, waiting: 2) }
        #expect(scene.submit(of: 1, waiting: 2).rejection == .tenantQueueFull(limit: 2, scene.scheduler.summary))
        try scene.queue(of: 2, waiting: 2)
        #expect(scene.scheduler.snapshot(at: scene.now).counters.rejectedTenantFull == 1)
    }

    @Test("a queue that others have filled has a place for a tenant of whom nobody waits")
    func ownPlace() throws {
        var scene = Scene(slots: [1]) { $0.maximumQueued = 3 }
        let running = try scene.lease(of: 1)
        for _ in 0..<3 { try scene.queue(of: 1) }
        #expect(scene.submit(of: 1).rejection == .queueFull(limit: 3, scene.scheduler.summary))
        try scene.queue(of: 2)
        let single = scene.number
        #expect(scene.submit(of: 2).rejection == .queueFull(limit: 3, scene.scheduler.summary))
        scene.pass(.seconds(1))
        let next = scene.finish(running)
        #expect(next.dispatched == [single])
    }

    @Test("a better class comes first, and others get every slot that it leaves")
    func classes() throws {
        var scene = Scene(slots: [1])
        let running = try scene.lease(of: 1, class: 2)
        for _ in 0..<3 { try scene.queue(of: 1, class: 2) }
        let batch = scene.number - 2
        try scene.queue(of: 2, class: 0)
        let interactive = try #require(scene.finish(running).leases.first)
        #expect(interactive.request.rawValue == scene.number)
        #expect(scene.finish(interactive).dispatched == [batch])
    }

    @Test("who has been passed over for long enough is next, and then a better class again")
    func patience() throws {
        var scene = Scene(slots: [1]) { $0.classPatience = .seconds(30) }
        var lease = try scene.lease(of: 1)
        for _ in 0..<3 { try scene.queue(of: 1, class: 2) }
        let batch = scene.number - 2
        var order: [UInt64] = []
        for _ in 0..<12 {
            try scene.queue(of: 2)
            scene.pass(.seconds(10))
            lease = try #require(scene.finish(lease).leases.first)
            order.append(lease.request.rawValue)
        }
        // 30 s after each time that it was passed over first.
        let places = order.indices.filter { (batch...batch + 2).contains(order[$0]) }
        #expect(places == [3, 7, 11])
    }

    @Test(
        "an attempt that a server broke off, or refused, costs its tenant what it took; one that found none ready nothing",
        arguments: Failure.allCases
    )
    func brokenOff(_ failure: Failure) throws {
        var scene = Scene(slots: [1])
        var lease = try scene.lease(of: 3)
        for tenant in UInt32(1)...2 { for _ in 0..<3 { try scene.queue(of: tenant) } }
        let (first, second) = (scene.number - 5, scene.number - 2)
        for number in [first, second, first + 1] {
            scene.pass(.seconds(1))
            lease = try #require(scene.finish(lease).leases.first)
            #expect(lease.request.rawValue == number)
        }
        // Both have had 1 s. Whoever came first would be next.
        scene.pass(.seconds(5))
        let (submission, others) = scene.retry(lease, failure)
        let own = (submission?.lease).map { [$0.request.rawValue] } ?? []
        let isCharged = failure == .refused || failure == .brokenOff
        let next = own + others.dispatched + scene.tick(after: .seconds(1)).dispatched
        #expect(next == [isCharged ? second + 1 : first + 1])
    }

    @Test("what was never sent goes back to its place, and costs its tenant nothing")
    func retry() throws {
        var scene = Scene(slots: [1, 1])
        let first = try scene.lease(of: 1)
        _ = try scene.lease(of: 2)
        for tenant in 1...2 { for _ in 0..<2 { try scene.queue(of: UInt32(tenant)) } }
        scene.pass(.seconds(5))
        let (submission, others) = scene.retry(first, .connectFailed)
        // Its server is out for a second; the other one is busy.
        #expect(submission?.ticket != nil)
        #expect(others.isEmpty)
        #expect(scene.tick(after: .seconds(1)).dispatched == [first.request.rawValue])
    }

    @Test("a request for one server isn't a way around its tenant's limit")
    func named() throws {
        var scene = Scene(slots: [2])
        let upstream = try scene.lease(of: 1, running: 1).upstream
        #expect(scene.submit(scene.demand(of: 1, running: 1), on: upstream).rejection == .tenantBusy(limit: 1))
        #expect(scene.submit(scene.demand(of: 2, running: 1), on: upstream).lease != nil)
    }

    @Test("a limit that is raised lets go on who waits for it")
    func raised() throws {
        var scene = Scene(slots: [3])
        _ = try scene.lease(of: 1, running: 1)
        for _ in 0..<2 { try scene.queue(of: 1, running: 1) }
        let last = scene.number
        try scene.queue(of: 1, running: 3)
        #expect(scene.tick().dispatched == [last - 1, last])
    }

    @Test("tenants of several models on the same servers take turns, whichever model is asked for")
    func models() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["x", "y"])
        scene.report("b", total: 1, models: ["z"])
        var lease = try scene.lease(of: 1, model: "x")
        for _ in 0..<3 { try scene.queue(of: 1, model: "x") }
        let flood = scene.number - 2
        for _ in 0..<2 { try scene.queue(of: 2, model: "y") }
        var order: [UInt64] = []
        for _ in 0..<5 {
            scene.pass(.seconds(1))
            lease = try #require(scene.finish(lease).leases.first)
            order.append(lease.request.rawValue)
        }
        #expect(order == [flood + 3, flood, flood + 4, flood + 1, flood + 2])
    }

    @Test("random tenants get their shares", arguments: 0..<8)
    func simulated(_ seed: UInt64) throws {
        let tally = try Schedule(.shares, seed: seed, length: 500).run()
        #expect(tally.steps == 500)
    }
}
