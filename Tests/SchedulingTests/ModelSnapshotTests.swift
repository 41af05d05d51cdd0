import Scheduling
import Testing

@Suite("What is told of each model")
struct ModelSnapshotTests {
    /// a and b serve alpha, with three slots; c serves beta with one.
    private static func twoModels() -> Scene {
        var scene = Scene()
        scene.report("c", total: 1, models: ["beta"])
        scene.report("a", total: 1, models: ["alpha"])
        scene.report("b", total: 2, models: ["alpha"])
        return scene
    }

    @Test("nothing while the fleet serves one model")
    func one() {
        var scene = Scene()
        scene.report("a", total: 1, models: ["alpha", "x"])
        scene.report("b", total: 1, models: ["alpha", "y"])
        #expect(scene.models.isEmpty)
    }

    @Test("its servers, their slots, and who waits for them, in the order of names")
    func several() throws {
        var scene = Self.twoModels()
        _ = try scene.lease(for: "alpha")
        _ = try scene.lease(for: "beta")
        #expect(scene.submit(for: "beta").ticket != nil)
        scene.pass(.seconds(2))
        #expect(scene.submit(for: "beta").ticket != nil)
        let (alpha, beta) = try (#require(scene.models.first), #require(scene.models.last))
        #expect(scene.models.map(\.name) == ["alpha", "beta"])
        #expect(alpha.summary.usable == 2 && alpha.summary.slotsTotal == 3)
        #expect(alpha.summary.slotsIdle == 2 && alpha.summary.slotsProcessing == 1)
        #expect(alpha.queued == 0 && alpha.oldestWait == nil)
        #expect(beta.summary.usable == 1 && beta.summary.slotsIdle == 0)
        #expect(beta.queued == 2 && beta.oldestWait == .seconds(2))
    }

    @Test("a model whose only server died is told of for as long as it may come back, with those who wait for it")
    func lost() throws {
        var scene = Self.twoModels()
        scene.leave("c", .silence(.seconds(10)))
        #expect(scene.submit(for: "beta").ticket != nil)
        let beta = try #require(scene.models.last)
        #expect(beta.name == "beta" && beta.summary == FleetSummary() && beta.queued == 1)
    }

    @Test("a model that went for good is told of no longer, and a new one in its place goes by its own name")
    func replaced() {
        var scene = Self.twoModels()
        scene.report("d", total: 1, models: ["gamma"])
        scene.leave("c")
        #expect(scene.models.map(\.name) == ["alpha", "gamma"])
        scene.report("e", total: 1, models: ["delta"])
        #expect(scene.models.map(\.name) == ["alpha", "delta", "gamma"])
    }

    @Test("servers that don't say what they serve come last, without a name")
    func nameless() {
        var scene = Self.twoModels()
        scene.report("d", total: 4)
        #expect(scene.models.map(\.name) == ["alpha", "beta", nil])
        #expect(scene.models.last?.summary.slotsTotal == 4)
    }

    @Test("a request for several slots waits as visibly as any other")
    func wide() throws {
        var scene = Self.twoModels()
        _ = try scene.lease(for: "alpha")
        _ = try scene.lease(for: "alpha")
        #expect(scene.submit(for: "alpha", slots: 2).ticket != nil)
        scene.pass(.seconds(3))
        #expect(scene.models.first?.oldestWait == .seconds(3))
        #expect(scene.scheduler.snapshot(at: scene.now).oldestWait == .seconds(3))
    }

    @Test("of more models than anybody can read, those that came first")
    func bounded() {
        var scene = Scene()
        for number in 0...FleetSnapshot.maximumModels {
            scene.report("s\(number)", total: 1, models: ["m\(number)"])
        }
        #expect(scene.models.count == FleetSnapshot.maximumModels)
        #expect(!scene.models.contains { $0.name == "m\(FleetSnapshot.maximumModels)" })
    }
}

extension Scene {
    fileprivate var models: [ModelSnapshot] { scheduler.snapshot(at: now).models }
}
