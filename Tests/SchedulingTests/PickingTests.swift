import LlamaServer
import Scheduling
import Testing

@Suite("Picking")
struct PickingTests {
    @Test("each gets the same share of its slots: the least busy comes first, of equals the one with more idle slots")
    func leastBusy() throws {
        var scene = Scene(slots: [2, 8])
        #expect(try scene.leases(5).map(\.address.host) == ["b", "a", "b", "b", "b"])
        #expect(try scene.leases(5).map(\.address.host) == ["b", "a", "b", "b", "b"])
    }

    @Test("small servers of a mixed fleet get their share")
    func mixedFleet() throws {
        var scene = Scene(slots: [2, 2, 8, 8])
        _ = try scene.leases(10)
        for name in ["a", "b"] { #expect(try scene[name].slotsLeased == 1) }
        for name in ["c", "d"] { #expect(try scene[name].slotsLeased == 4) }
    }

    @Test("where that is wanted, the upstream with most idle slots comes first")
    func mostIdle() throws {
        var scene = Scene(slots: [1, 3, 2]) { $0.balance = .mostIdle }
        #expect(try scene.leases(6).map(\.address.host) == ["b", "c", "b", "a", "c", "b"])
    }

    @Test("of equally idle ones, the one with fewest processing", arguments: Balance.allCases)
    func fewestProcessing(balance: Balance) throws {
        var scene = Scene { $0.balance = balance }
        scene.report("a", total: 4, processing: 2)
        scene.report("b", total: 2)
        #expect(try scene.lease().address.host == "b")
    }

    @Test("of equals, the one that was picked longest ago: no herding and no dice", arguments: Balance.allCases)
    func longestAgo(balance: Balance) throws {
        var scene = Scene(slots: [1, 1, 1]) { $0.balance = balance }
        #expect(try scene.leases(3).map(\.address.host) == ["a", "b", "c"])
        scene = Scene(slots: [2, 2, 2]) { $0.balance = balance }
        for expected in ["a", "b", "c", "a", "b"] {
            let lease = try scene.lease()
            #expect(lease.address.host == expected)
            scene.finish(lease)
        }
        // One that is new has never been picked.
        scene.report("d", total: 2)
        #expect(try scene.leases(4).map(\.address.host) == ["d", "c", "a", "b"])
    }

    @Test("one of weight 3 gets three times as much, and of those that are idle it comes first")
    func weights() throws {
        var scene = Scene()
        scene.report("slow", total: 12)
        scene.report("fast", total: 12, weight: 3)
        let hosts = try scene.leases(12).map(\.address.host)
        #expect(hosts.prefix(4) == ["fast", "fast", "fast", "slow"])
        #expect(hosts.count { $0 == "fast" } == 9)
        // All slots are used in the end.
        _ = try scene.leases(12)
        #expect(scene.scheduler.summary.slotsIdle == 0)
        #expect(try scene["fast"].weight == 3)
    }

    @Test("absurd weights are moved into range", arguments: [(Int.min, 1), (0, 1), (.max, 256)])
    func absurdWeights(said: Int, used: Int) throws {
        var scene = Scene()
        scene.report("a", total: 65536, weight: said)
        #expect(try scene["a"].weight == used)
        _ = try scene.leases(3)
    }

    @Test("an agent may come back with another weight")
    func changedWeight() throws {
        var scene = Scene(slots: [4, 4])
        scene.report("b", total: 4, weight: 2)
        #expect(try scene.leases(3).map(\.address.host) == ["b", "b", "a"])
        scene.leave("b")
        scene.report("b", by: "another", total: 4, processing: 2)
        #expect(try scene["b"].weight == 1)
        #expect(try scene.lease().address.host == "a")
    }

    @Test("awake ones come before sleeping ones, however idle those are")
    func awakeFirst() throws {
        var scene = Scene()
        scene.report("a", total: 8, isSleeping: true)
        scene.report("b", total: 1)
        #expect(try scene.leases(2).map(\.address.host) == ["b", "a"])
    }

    @Test("a sleeping one with an idle slot comes before an awake one without")
    func sleepingBeforeFull() throws {
        var scene = Scene(slots: [1])
        _ = try scene.lease()
        scene.report("b", total: 1, isSleeping: true)
        #expect(try scene.lease().address.host == "b")
    }

    @Test("an upstream that isn't ready gets nothing", arguments: notReady)
    func unusable(_ condition: Condition) throws {
        var scene = Scene()
        scene.report("a", total: 4, condition)
        #expect(scene.submit().ticket != nil)
        #expect(scene.scheduler.summary.registered == 1)
        #expect(scene.scheduler.summary.usable == 0)
        #expect(scene.scheduler.summary.slotsTotal == 0)
        #expect(scene.report("a", total: 4).dispatched == [1])
    }

    static let notReady: [Condition] = [
        .loading, .down("connection refused"), .unresponsive, .stuck("no progress"), .unauthorized, .slotsDisabled,
        .restarting("it ended with exit code 1"), .failing("it ended with exit code 1"), .unloaded,
        .unexpected("teapot"),
    ]

    @Test("a draining upstream gets nothing more and keeps what it has")
    func draining() throws {
        var scene = Scene(slots: [2])
        let running = try scene.lease()
        scene.drain("a")
        let ticket = try scene.queue()
        #expect(scene.finish(running).isEmpty)
        #expect(scene.undrain("a").dispatched == [2])
        #expect(scene.cancel(ticket) == false)
    }

    @Test("a drained upstream stays so when it is forgotten and comes back")
    func drainedForLong() throws {
        var scene = Scene(slots: [2])
        scene.drain("a")
        scene.leave("a")
        scene.report("a", by: "another", total: 2)
        #expect(try scene["a"].isDraining)
        try scene.queue()
        #expect(scene.undrain("a").dispatched == [1])
    }

    @Test("when too many have been drained, those that are there stay so")
    func drainedMany() throws {
        var scene = Scene(slots: [1]) { $0.maximumUpstreams = 2 }
        for name in ["gone", "also gone", "a"] { scene.drain(name) }
        scene.leave("a")
        scene.report("a", total: 1)
        #expect(try scene["a"].isDraining)
        scene.report("gone", total: 1)
        #expect(try !scene["gone"].isDraining)
    }

    @Test("an upstream whose agent is about to stop gets nothing more, and the agent is told when nothing runs")
    func leaving() throws {
        var scene = Scene(slots: [2])
        let running = try scene.leases(2)
        #expect(scene.report("a", isLeaving: true).isEmpty)
        try scene.queue()
        #expect(scene.finish(running[0]).isEmpty)
        #expect(scene.finish(running[1]).drained == ["a"])
        // A new agent means a new beginning.
        #expect(scene.report("a", by: "another", total: 2).dispatched == [3])
    }

    @Test("an agent by whose word nothing is sent may stop at once")
    func leavingWithoutUpstream() throws {
        var scene = Scene(slots: [1])
        let running = try scene.lease()
        scene.report("a", by: "newer", total: 1)
        #expect(scene.report("a", by: "newer", isLeaving: true).drained == ["newer"])
        #expect(scene.finish(running).isEmpty)
    }

    @Test("a request without a slot goes to the least busy upstream, full or not")
    func free() throws {
        var scene = Scene(slots: [1, 2])
        _ = try scene.lease()
        #expect(scene.scheduler.freeUpstream(avoiding: nil)?.1.address.host == "a")
        _ = try scene.leases(2)
        let first = try #require(scene.scheduler.freeUpstream(avoiding: nil))
        let other = try #require(scene.scheduler.freeUpstream(avoiding: first.0))
        #expect(first.0 != other.0)
    }

    @Test("the avoided upstream is better than none, and none is better than one that isn't ready")
    func freeAvoiding() throws {
        var scene = Scene(slots: [1])
        let only = try scene["a"].id
        #expect(scene.scheduler.freeUpstream(avoiding: only)?.0 == only)
        scene.report("a", .loading)
        #expect(scene.scheduler.freeUpstream(avoiding: nil) == nil)
    }

    @Test("the balancing order puts first who is next and last who is unusable")
    func balancingOrder() throws {
        var scene = Scene(slots: [1, 3, 2])
        scene.report("d", total: 9, .loading)
        let order = scene.scheduler.snapshot(at: scene.now).upstreamsInBalancingOrder
        #expect(order.map(\.address.host) == ["b", "c", "a", "d"])
    }
}
