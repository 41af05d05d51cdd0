import LlamaServer
import Scheduling
import Testing

@Suite("Upstreams that are named")
struct NamedTests {
    /// `a`, called one, and `b` and `c`, both called two.
    private func threeServers() -> Scene {
        var scene = Scene()
        for (upstream, name) in [("a", "one"), ("b", "two"), ("c", "two")] {
            scene.report(upstream, total: 1, name: name)
        }
        return scene
    }

    @Test(
        "an upstream goes by its agent's name and id and by its address",
        arguments: [
            ("one", ["a"]), ("a", ["a"]), ("a:8080", ["a"]), ("two", ["b", "c"]), ("b", ["b"]), ("three", []), ("", []),
        ]
    )
    func called(word: String, expected: [String]) {
        #expect(threeServers().scheduler.upstreams(called: word).map(\.route.address.host) == expected)
    }

    @Test("what it is called tells it from all others")
    func words() {
        var scene = threeServers()
        #expect(scene.scheduler.namedUpstreams().map(\.word) == ["one", "b", "c"])
        scene.leave("c")
        #expect(scene.scheduler.namedUpstreams().map(\.word) == ["one", "two"])
    }

    @Test("one that no agent speaks for is called nothing, though something still runs there")
    func unspokenFor() throws {
        var scene = Scene(slots: [1])
        let lease = try scene.lease()
        scene.leave("a", .connectionEnded)
        #expect(scene.scheduler.upstreams(called: "a").isEmpty)
        #expect(scene.scheduler.upstreams(called: "a:8080").isEmpty)
        #expect(scene.scheduler.named(lease.upstream) == nil)
        scene.finish(lease)
    }

    @Test("a model's upstreams are listed alone, usable or not")
    func ofModel() {
        var scene = Scene()
        for (upstream, model) in [("a", "x"), ("b", "y"), ("c", "y")] {
            scene.report(upstream, total: 1, models: [model])
        }
        scene.drain("c")
        #expect(scene.scheduler.namedUpstreams(of: "y").map(\.agent.rawValue) == ["b", "c"])
        #expect(scene.scheduler.namedUpstreams(of: "y").map(\.isUsable) == [true, false])
        #expect(scene.scheduler.namedUpstreams(limit: 2).count == 2)
        #expect(scene.scheduler.whyNobody(for: "x") == nil)
        #expect(scene.scheduler.whyNobody(for: nil) == .modelNotNamed(known: ["x", "y"]))
    }

    @Test("a request for a slot of one gets its lease there, and waits there, while the other has idle slots")
    func leased() throws {
        var scene = Scene(slots: [1, 2])
        let upstream = try scene["a"].id
        let leases = try (0..<3).map { _ in try #require(scene.submit(on: upstream).lease) }
        #expect(leases.allSatisfy { $0.upstream == upstream })
        #expect(try scene["a"].slotsIdle == -2)
        #expect(try scene.lease().route.address.host == "b")
        for lease in leases { scene.finish(lease) }
        #expect(try scene["a"].slotsIdle == 1)
    }

    @Test("a slot that such a request leaves goes to nobody in the queue before one is idle")
    func noHandOver() throws {
        var scene = Scene(slots: [1])
        let upstream = try scene["a"].id
        let first = try scene.lease()
        let named = try #require(scene.submit(on: upstream).lease)
        try scene.queue()
        #expect(scene.finish(first).leases.isEmpty)
        #expect(scene.finish(named).leases.count == 1)
    }

    @Test("no more of them wait at an upstream than requests may wait in the queue", arguments: [0, 2])
    func bounded(limit: Int) throws {
        var scene = Scene(slots: [1, 1]) { $0.maximumQueued = limit }
        let upstream = try scene["a"].id
        for _ in 0..<1 + limit { _ = try #require(scene.submit(on: upstream).lease) }
        guard case .queueFull(limit, let fleet) = scene.submit(on: upstream).rejection else {
            Issue.record("not refused")
            return
        }
        #expect(fleet.registered == 1)
    }

    @Test("one that isn't usable, or is gone, gets none")
    func unusable() throws {
        var scene = Scene(slots: [1])
        let upstream = try scene["a"].id
        scene.drain("a")
        #expect(scene.submit(on: upstream).lease == nil)
        scene.leave("a")
        #expect(scene.submit(on: upstream).lease == nil)
    }
}
