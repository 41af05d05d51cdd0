import LlamaServer
import Scheduling
import Testing

@Suite("What an alias gets")
struct ModelRulesTests {
    /// a serves alpha, b serves beta; a slot each. `x` is alpha, else beta, else gamma.
    private static func scene(
        fallbackAfter: Duration? = .seconds(10),
        limits: [String: Int] = [:],
        _ configure: (inout Scheduler.Configuration) -> Void = { _ in }
    ) -> Scene {
        var scene = Scene(configure)
        for (upstream, model) in [("a", "alpha"), ("b", "beta")] { scene.report(upstream, total: 1, models: [model]) }
        var rules = ModelRules()
        rules.aliases = ["x": ["alpha", "beta", "gamma"], "nothing": ["delta"], "beta-2": ["beta"]]
        rules.fallbackAfter = fallbackAfter
        rules.maximumQueued = limits
        scene.setModelRules(rules)
        return scene
    }

    @Test("the first of its list that has a usable server, by that one's name")
    func first() throws {
        var scene = Self.scene()
        let lease = try scene.lease(for: "x")
        #expect(lease.address.host == "a" && lease.model == "alpha")
        #expect(try scene.lease(for: "beta").model == nil)
        scene.drain("a")
        #expect(scene.submit(for: "x").ticket != nil)
        #expect(scene.leave("b", .silence(.seconds(1))).isEmpty)
    }

    @Test("the next one, where the first has none")
    func next() throws {
        var scene = Self.scene()
        scene.drain("a")
        let lease = try scene.lease(for: "x")
        #expect(lease.address.host == "b" && lease.model == "beta")
    }

    @Test("nothing, where nobody ever served any: the answer lists models and aliases")
    func unknown() {
        var scene = Self.scene()
        #expect(
            scene.submit(for: "nothing").rejection
                == .unknownModel("nothing", known: ["alpha", "beta", "beta-2", "x"])
        )
    }

    @Test("a wait for the first that is known, where none has a server")
    func waitsForLost() throws {
        var scene = Self.scene()
        scene.leave("a", .silence(.seconds(1)))
        scene.leave("b", .silence(.seconds(1)))
        #expect(scene.submit(for: "x").ticket != nil)
        #expect(scene.report("a", total: 1, models: ["alpha"]).dispatched == [1])
    }

    @Test("the next one at once, when the one that it waits for loses its last server")
    func deserted() throws {
        var scene = Self.scene(fallbackAfter: nil)
        _ = try scene.lease(for: "alpha")
        #expect(scene.submit(for: "x").ticket != nil)
        let decisions = scene.drain("a")
        #expect(decisions.dispatched == [2])
        #expect(decisions.leases.first?.model == "beta")
    }

    @Test("the next one, when it has waited long enough for the first, once for each")
    func full() throws {
        var scene = Self.scene()
        let alpha = try scene.lease(for: "alpha")
        let beta = try scene.lease(for: "beta")
        #expect(scene.submit(for: "x").ticket != nil)
        #expect(scene.tick(after: .milliseconds(9_999)).isEmpty)
        #expect(scene.tick(after: .milliseconds(1)).isEmpty)
        // It waits for beta now, and for alpha never again.
        #expect(scene.finish(alpha).isEmpty)
        let decisions = scene.finish(beta)
        #expect(decisions.dispatched == [3])
        #expect(decisions.leases.first?.model == "beta")
    }

    @Test("its arrival's place in the next queue")
    func place() throws {
        var scene = Self.scene()
        _ = try scene.lease(for: "alpha")
        let beta = try scene.lease(for: "beta")
        #expect(scene.submit(for: "x").ticket != nil)
        #expect(scene.submit(for: "beta").ticket != nil)
        scene.tick(after: .seconds(10))
        #expect(scene.finish(beta).dispatched == [3])
    }

    @Test("no other one while the first has a server, where fallbacks never come from waiting")
    func never() throws {
        var scene = Self.scene(fallbackAfter: nil)
        _ = try scene.lease(for: "alpha")
        #expect(scene.submit(for: "x").ticket != nil)
        #expect(scene.tick(after: .seconds(59)).isEmpty)
    }

    @Test("whichever is idle, where it waits for no time")
    func atOnce() throws {
        var scene = Self.scene(fallbackAfter: .zero)
        _ = try scene.lease(for: "alpha")
        #expect(try scene.lease(for: "x").model == "beta")
    }

    @Test("any server, and no other name, where all serve one model")
    func oneModel() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["alpha"])
        var rules = ModelRules()
        rules.aliases = ["x": ["gamma"]]
        scene.setModelRules(rules)
        #expect(try scene.lease(for: "x").model == nil)
    }

    @Test("its own model, when a second one comes while it waits")
    func division() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["alpha"])
        var rules = ModelRules()
        rules.aliases = ["x": ["beta"]]
        scene.setModelRules(rules)
        _ = try scene.lease(for: "alpha")
        #expect(scene.submit(for: "x").ticket != nil)
        #expect(scene.report("b", total: 1, models: ["beta"]).leases.first?.model == "beta")
    }

    @Test("the default model may be an alias")
    func byDefault() throws {
        var scene = Self.scene { $0.defaultModel = "x" }
        #expect(try scene.lease().address.host == "a")
    }

    @Test("a model's own limit is for its queue alone")
    func limit() throws {
        var scene = Self.scene(limits: ["beta": 1])
        _ = try scene.lease(for: "alpha")
        _ = try scene.lease(for: "beta")
        #expect(scene.submit(for: "beta").ticket != nil)
        #expect(
            scene.submit(for: "beta-2").rejection
                == .modelQueueFull("beta", limit: 1, scene.scheduler.summary(for: RequestDemand(model: "beta")))
        )
        for _ in 0..<2 { #expect(scene.submit(for: "alpha").ticket != nil) }
    }

    @Test("those who wait when the rules change stay where they are")
    func change() throws {
        var scene = Self.scene()
        let alpha = try scene.lease(for: "alpha")
        #expect(scene.submit(for: "x").ticket != nil)
        scene.setModelRules(ModelRules())
        let lease = try #require(scene.finish(alpha).leases.first)
        #expect(lease.model == "alpha")
        #expect(scene.submit(for: "x").rejection == .unknownModel("x", known: ["alpha", "beta"]))
    }

    @Test("what needs no slot goes to a server of its list, and is told that one's name")
    func slotless() throws {
        var scene = Self.scene()
        let (upstream, route) = try #require(scene.scheduler.freeUpstream(avoiding: nil, for: "x"))
        #expect(route.address.host == "a" && scene.scheduler.name(of: "x", at: upstream) == "alpha")
        scene.drain("a")
        #expect(scene.scheduler.freeUpstream(avoiding: nil, for: "x")?.1.address.host == "b")
        #expect(scene.scheduler.servedAliases.map(\.alias) == ["beta-2", "x"])
        #expect(scene.scheduler.servedAliases.map(\.model) == ["beta", "beta"])
    }
}
