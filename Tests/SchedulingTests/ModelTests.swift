import LlamaServer
import Scheduling
import Testing

@Suite("Which model a request gets")
struct ModelTests {
    /// a and b serve alpha, c serves beta; a slot each.
    private static func twoModels(_ configure: (inout Scheduler.Configuration) -> Void = { _ in }) -> Scene {
        var scene = Scene(configure)
        for (upstream, model) in [("a", "alpha"), ("b", "alpha"), ("c", "beta")] {
            scene.report(upstream, total: 1, models: [model])
        }
        return scene
    }

    @Test("where all servers serve one model, they serve it by any name")
    func one() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["alpha", "x"])
        scene.report("b", total: 3, models: ["alpha", "y"])
        for name in ["alpha", "x", "anything", nil] as [String?] { _ = try scene.lease(for: name) }
    }

    @Test("with --strict-models one model is served by its names alone")
    func strict() throws {
        var scene = Scene { $0.strictModels = true }
        #expect(scene.submit(for: "alpha").ticket != nil)
        #expect(scene.report("a", total: 2, models: ["alpha"]).dispatched == [1])
        _ = try scene.lease(for: "alpha")
        #expect(scene.submit(for: "beta").rejection == .unknownModel("beta", known: ["alpha"]))
    }

    @Test("of several models a request gets the one that it names, or waits for it beside idle slots of others")
    func several() throws {
        var scene = Self.twoModels()
        let beta = try scene.lease(for: "beta")
        #expect(beta.address.host == "c")
        #expect(scene.submit(for: "beta").ticket != nil)
        let alphas = [try scene.lease(for: "alpha"), try scene.lease(for: "alpha")]
        #expect(Set(alphas.map(\.address.host)) == ["a", "b"])
        #expect(scene.finish(beta).dispatched == [2])
    }

    @Test("what is unknown is refused, and so is who names nothing, unless there is a default")
    func unknown() throws {
        var scene = Self.twoModels()
        #expect(scene.submit(for: "gamma").rejection == .unknownModel("gamma", known: ["alpha", "beta"]))
        #expect(scene.submit().rejection == .modelNotNamed(known: ["alpha", "beta"]))
        var withDefault = Self.twoModels { $0.defaultModel = "beta" }
        #expect(try withDefault.lease().address.host == "c")
    }

    @Test("a full queue for one model refuses nobody who asks for another")
    func fullQueue() throws {
        var scene = Self.twoModels { $0.maximumQueued = 1 }
        _ = try scene.lease(for: "beta")
        #expect(scene.submit(for: "beta").ticket != nil)
        let ofBeta = scene.scheduler.summary(for: RequestDemand(model: "beta"))
        #expect(ofBeta.registered == 1 && ofBeta.slotsTotal == 1 && ofBeta.slotsIdle == 0)
        #expect(scene.submit(for: "beta").rejection == .queueFull(limit: 1, ofBeta))
        _ = try scene.lease(for: "alpha")
        _ = try scene.lease(for: "alpha")
        #expect(scene.submit(for: "alpha").ticket != nil)
    }

    @Test("a server of two models gives a slot to whoever came first, whichever of them that was for")
    func shared() throws {
        var scene = Self.twoModels()
        scene.report("d", total: 1, models: ["alpha", "beta"])
        var leases: [Lease] = []
        for model in ["beta", "beta", "alpha", "alpha"] { leases.append(try scene.lease(for: model)) }
        #expect(scene.submit(for: "beta").ticket != nil)
        #expect(scene.submit(for: "alpha").ticket != nil)
        let shared = try #require(leases.first { $0.address.host == "d" })
        #expect(scene.finish(shared).dispatched == [5])
    }

    @Test("requests for a model whose only server died wait for its return, and no other model answers them")
    func lost() throws {
        var scene = Self.twoModels()
        scene.leave("c", .silence(.seconds(10)))
        #expect(scene.submit(for: "beta").ticket != nil)
        #expect(scene.report("c", total: 1, models: ["beta"]).dispatched == [1])
    }

    @Test("a server that loads keeps the names that it had")
    func loading() throws {
        var scene = Self.twoModels()
        scene.report("c", .loading)
        #expect(scene.submit(for: "beta").ticket != nil)
        #expect(scene.report("c", total: 1, models: ["beta"]).dispatched == [1])
    }

    @Test("those who wait when a second model comes go on waiting for what they named")
    func division() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["alpha"])
        let lease = try scene.lease(for: "alpha")
        #expect(scene.submit(for: "beta").ticket != nil)
        #expect(scene.submit(for: "alpha").ticket != nil)
        #expect(scene.submit().ticket != nil)
        let decisions = scene.report("b", total: 1, models: ["beta"])
        #expect(decisions.dispatched == [2])
        #expect(decisions.rejected == [4])
        #expect(scene.finish(lease).dispatched == [3])
    }

    @Test("those who wait when the second model goes for good are served by what is left")
    func reunion() throws {
        var scene = Self.twoModels()
        let beta = try scene.lease(for: "beta")
        #expect(scene.submit(for: "beta").ticket != nil)
        scene.leave("c")
        #expect(scene.finish(beta).dispatched == [2])
    }

    @Test("a server that doesn't say what it serves gets what names no model")
    func nameless() throws {
        var scene = Self.twoModels()
        scene.report("old", total: 1)
        #expect(try scene.lease().address.host == "old")
        #expect(scene.submit(for: "gamma").rejection != nil)
    }

    @Test("a request that needs no slot goes to a server of its model, if there is one")
    func slotless() throws {
        let scene = Self.twoModels()
        #expect(scene.scheduler.freeUpstream(avoiding: nil, for: "beta")?.1.address.host == "c")
        #expect(scene.scheduler.freeUpstream(avoiding: nil, for: "gamma") != nil)
    }

    @Test("one server of each model is asked for its list")
    func routes() throws {
        let scene = Self.twoModels()
        #expect(scene.scheduler.routesOfModels(limit: 10)?.count == 2)
        var one = Scene()
        one.report("a", total: 1, models: ["alpha"])
        #expect(one.scheduler.routesOfModels(limit: 10) == nil)
    }
}
