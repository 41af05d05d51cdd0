import LlamaServer
import Testing

@testable import Scheduling

@Suite("Why a request goes where it goes")
struct ExplanationTests {
    /// Its beginnings differ from those of all others.
    private func prompt(_ conversation: UInt64, blocks: Int) -> PromptTrail {
        let hashes = (0..<blocks).map { UInt64($0 + 1) &* 0x1234_5678_9ABC_DEF1 ^ conversation << 17 }
        return PromptTrail(hashes: hashes, bytes: PromptTrail.position(of: blocks - 1) + 10)
    }

    private func ground(_ explanation: Explanation) -> String? {
        if case .dispatch(_, let choice) = explanation.outcome { choice.description } else { nil }
    }

    @Test("of a tenant it is told what it has, whose turn is before its own, and that it waits for itself")
    func tenants() throws {
        var scene = Scene(slots: [2])
        _ = try scene.lease(of: 1, running: 1)
        var share = try #require(scene.explain(scene.demand(of: 1, running: 1)).share)
        #expect(share.running == 1 && share.waiting == 0 && share.isAtLimit)
        #expect(scene.explain(scene.demand(of: 1, running: 1)).outcome == .queued(ahead: 0, expectedWait: nil))
        #expect(scene.explain(scene.demand(of: 2)).outcome.upstream != nil)
        _ = try scene.lease(of: 2)
        for tenant: UInt32 in [2, 2, 3] { try scene.queue(of: tenant) }
        // One that comes now is behind those who have had no more than it, and before those who have had more.
        share = try #require(scene.explain(scene.demand(of: 4)).share)
        #expect(share == Explanation.Share(running: 0, waiting: 0, isAtLimit: false, tenantsAhead: 2))
        share = try #require(scene.explain(scene.demand(of: 2)).share)
        #expect(share == Explanation.Share(running: 1, waiting: 2, isAtLimit: false, tenantsAhead: 1))
        try scene.queue(of: 5, class: 1)
        #expect(scene.explain(scene.demand(of: 4)).share?.tenantsAhead == 2)
        #expect(scene.explain(scene.demand(of: 4, class: 1)).share?.tenantsAhead == 3)
        #expect(scene.explain().share == nil)
    }

    @Test("it is told beforehand, and told of the lease: the only one, the least busy one, the one that has the prompt")
    func grounds() throws {
        var scene = Scene(slots: [2])
        #expect(ground(scene.explain()) == "only")
        let alone = try scene.lease()
        #expect(scene.reason(alone) == "only")
        scene.report("b", total: 2)
        #expect(ground(scene.explain(prompt(1, blocks: 4))) == "least-busy")
        let first = try scene.lease(prompt(1, blocks: 4))
        #expect(scene.reason(first) == "least-busy")
        scene.finish(first)
        let found = PromptTrail.position(of: 3)
        let all = prompt(1, blocks: 5).bytes
        #expect(ground(scene.explain(prompt(1, blocks: 5))) == "prompt;cached=\(found);of=\(all)")
        let second = try scene.lease(prompt(1, blocks: 5))
        #expect(scene.reason(second) == "prompt;cached=\(found);of=\(all)")
        #expect(second.upstream == first.upstream)
        scene.finish(second)
        #expect(scene.reason(second) == nil)
    }

    @Test("the policy that looks at no prompts says so", arguments: [Balance.leastBusy, .mostIdle])
    func policies(balance: Balance) throws {
        var scene = Scene(slots: [2, 2]) { $0.balance = balance }
        scene.finish(try scene.lease(prompt(1, blocks: 4)))
        let second = try scene.lease(prompt(1, blocks: 4))
        #expect(scene.reason(second) == balance.rawValue)
    }

    @Test("a session says nothing of bytes, which nobody knows")
    func session() throws {
        var scene = Scene(slots: [2, 2]) { $0.balance = .session }
        var demand = RequestDemand(trail: prompt(1, blocks: 4))
        demand.isOfSession = true
        let first = try #require(scene.submit(demand).lease)
        scene.finish(first)
        let second = try #require(scene.submit(demand).lease)
        #expect(scene.reason(second) == "session")
        #expect(second.upstream == first.upstream)
    }

    @Test("who waited is told for how long, and who is sent again for which time")
    func waited() throws {
        var scene = Scene(slots: [1])
        let running = try scene.lease()
        #expect(scene.explain().outcome == .queued(ahead: 0, expectedWait: nil))
        try scene.queue()
        #expect(scene.explain().outcome == .queued(ahead: 1, expectedWait: nil))
        #expect(scene.explain().upstreams.map(\.obstacle) == [.noIdleSlot])
        scene.pass(.milliseconds(412))
        let next = try #require(scene.finish(running).leases.first)
        #expect(scene.reason(next) == "first-idle;waited=0.412")
        scene.report("b", total: 1)
        let again = try #require(scene.retry(next, .connectFailed).submission?.lease)
        #expect(scene.reason(again) == "only;attempt=2")
        // What is known of the pace by then.
        #expect(scene.explain().outcome == .queued(ahead: 0, expectedWait: .milliseconds(412)))
    }

    @Test("who is held is told for whom and for how long")
    func held() throws {
        var scene = Scene(slots: [1, 1])
        let first = try scene.lease(prompt(1, blocks: 16))
        scene.pass(.milliseconds(100))
        let use = ReportedUsage(promptComputed: 1000, promptCached: 0, generated: 5, promptMilliseconds: 2000)
        scene.finish(first, use: use)
        let both = try scene.leases(2)
        for lease in both where lease.upstream != first.upstream { scene.finish(lease) }
        let running = try #require(both.first { $0.upstream == first.upstream })

        let explanation = scene.explain(prompt(1, blocks: 17))
        guard case .held(let upstream, let limit, let ahead, _) = explanation.outcome else {
            Issue.record("\(explanation.outcome)")
            return
        }
        #expect(upstream == first.upstream)
        #expect(limit > .seconds(3) && limit < .seconds(5))
        #expect(ahead == 0)
        #expect(explanation.upstreams.map(\.address.host) == ["a", "b"])
        #expect(explanation.upstreams.map(\.obstacle) == [.noIdleSlot, nil])
        #expect(explanation.upstreams.map(\.promptFound) == [PromptTrail.position(of: 15), 0])
        #expect(explanation.upstreams.map(\.position) == [2, 1])

        try scene.queue(prompt(1, blocks: 17))
        scene.pass(.milliseconds(300))
        let next = try #require(scene.finish(running).leases.first)
        let of = prompt(1, blocks: 17).bytes
        #expect(scene.reason(next) == "held;waited=0.300;cached=\(PromptTrail.position(of: 15));of=\(of)")
    }

    @Test("a server that its client names is told of, idle or not")
    func named() throws {
        var scene = Scene(slots: [1, 1])
        let id = try scene["b"].id
        for _ in 0..<2 {
            let explanation = scene.scheduler.explain(RequestDemand(), on: id, at: scene.now)
            #expect(explanation.outcome == .dispatch(id, Choice(ground: .named)))
            #expect(explanation.upstreams.first?.address.host == "b")
            let lease = try #require(scene.submit(on: id).lease)
            #expect(scene.reason(lease) == "named")
        }
    }

    @Test("of each server it is said why it can't have the request")
    func obstacles() throws {
        var scene = Scene(slots: [1, 1, 1, 1, 1])
        scene.report("b", total: 1, .loading)
        scene.drain("c")
        scene.report("d", total: 1, isLeaving: true)
        scene.connectFailed(try scene["e"].id)
        let upstreams = scene.explain().upstreams
        var found: [String: Explanation.Obstacle?] = [:]
        for upstream in upstreams { found[upstream.address.host] = upstream.obstacle }
        #expect(found["a"] == .some(nil))
        #expect(found["b"] == .notReady(.loading))
        #expect(found["c"] == .draining)
        #expect(found["d"] == .leaving)
        guard case .ejected(let time)?? = found["e"] else {
            Issue.record("\(upstreams)")
            return
        }
        #expect(time > .zero)
        #expect(upstreams.map(\.mayServe) == [true, false, false, false, false])
        #expect(upstreams.first?.position == 1)
        #expect(scene.explain(limit: 2).upstreams.count == 2)
        #expect(scene.explain(limit: 2).upstreamCount == 5)
    }

    @Test("what a model's name means is told, and which servers serve another")
    func models() throws {
        var scene = Scene { $0.defaultModel = "big" }
        scene.report("a", total: 1, models: ["big"])
        #expect(scene.explain(model: "other").resolution == .anything)
        scene.report("b", total: 1, models: ["small"])
        #expect(scene.explain(model: "small").resolution == .named("small"))
        #expect(scene.explain(model: "small").upstreams.map(\.obstacle) == [nil, .otherModel])
        #expect(scene.explain().resolution == .byDefault("big"))
        let unknown = scene.explain(model: "huge")
        #expect(unknown.resolution == .unknown("huge"))
        #expect(unknown.outcome == .rejected(.unknownModel("huge", known: ["big", "small"])))
        #expect(unknown.upstreams.map(\.obstacle) == [.otherModel, .otherModel])
        #expect(unknown.upstreams.map(\.position) == [nil, nil])
    }

    @Test("an alias is told with the model that it stands for, and what it may fall back to serves another")
    func alias() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["big"])
        scene.report("b", total: 1, models: ["small"])
        var rules = ModelRules()
        rules.aliases = ["best": ["big", "small"], "none": ["huge"]]
        scene.setModelRules(rules)
        let explanation = scene.explain(model: "best")
        #expect(explanation.model == "best")
        #expect(explanation.resolution == .alias(of: "big"))
        #expect(ground(explanation) == "only")
        #expect(explanation.upstreams.map(\.obstacle) == [nil, .otherModel])
        #expect(explanation.candidates.map(\.model) == ["big", "small"])
        #expect(explanation.candidates.map(\.isChosen) == [true, false])
        #expect(explanation.candidates.map(\.obstacle) == [nil, nil])
        let none = scene.explain(model: "none")
        #expect(none.resolution == .unknown("none"))
        #expect(none.candidates.map(\.obstacle) == [.unknown])
        #expect(none.candidates.map(\.isChosen) == [false])
        #expect(scene.explain(model: "big").candidates.isEmpty)
    }

    @Test("an alias that falls back is told with why not the first: unknown, without a usable server, full")
    func fallenBack() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["big"])
        scene.report("b", total: 1, models: ["small"])
        var rules = ModelRules()
        rules.aliases = ["best": ["huge", "big", "small"]]
        scene.setModelRules(rules)
        scene.drain("a")
        let explanation = scene.explain(model: "best")
        #expect(explanation.resolution == .alias(of: "small"))
        #expect(explanation.candidates.map(\.obstacle) == [.unknown, .noUsableServer, nil])
        #expect(explanation.candidates.map(\.isChosen) == [false, false, true])
        #expect(explanation.upstreams.first?.address.host == "b")
        // One that is full is worth waiting for, unless requests go on at once.
        scene.undrain("a")
        _ = try #require(scene.submit(RequestDemand(model: "big")).lease)
        #expect(scene.explain(model: "best").resolution == .alias(of: "big"))
        rules.fallbackAfter = .zero
        scene.setModelRules(rules)
        let next = scene.explain(model: "best")
        #expect(next.resolution == .alias(of: "small"))
        #expect(next.candidates.map(\.obstacle) == [.unknown, .noIdleSlot, nil])
    }

    @Test("what becomes of the fleet while its servers are put in order does no harm")
    func meanwhile() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["big"])
        scene.report("b", total: 1, models: ["small"])
        scene.report("c", total: 1, models: ["small"])
        let outline = scene.scheduler.outline(of: RequestDemand(model: "small"), at: scene.now)
        for host in ["a", "b", "c"] { scene.leave(host) }
        let listed = outline.listed(limit: 10)
        let explanation = scene.scheduler.explanation(outline, of: listed, at: scene.now)
        #expect(listed.count == 3)
        // The chosen one is told of as it was.
        #expect(explanation.upstreams.map(\.position) == [1])
        #expect(explanation.upstreams.map(\.obstacle) == [nil])
    }

    @Test("a request that takes several slots is told how many it needs at one time")
    func wide() throws {
        var scene = Scene(slots: [4, 2])
        #expect(ground(scene.explain(slots: 3)) == "least-busy;slots=3")
        let narrow = try scene.leases(3).filter { $0.address.host == "a" }
        let explanation = scene.explain(slots: 3)
        #expect(narrow.count == 2)
        #expect(explanation.outcome == .queued(ahead: 0, expectedWait: nil))
        #expect(Set(explanation.upstreams.map(\.obstacle)) == [.tooFewIdle(needed: 3)])
    }

    @Test(
        "a wait is written as RFC 9651 writes decimals",
        arguments: [(0, "0.000"), (7, "0.007"), (1050, "1.050"), (61_999, "61.999")]
    )
    func decimals(milliseconds: Int, text: String) {
        var choice = Choice(ground: .firstIdle)
        choice.waited = .milliseconds(milliseconds)
        #expect(choice.description == "first-idle;waited=\(text)")
    }
}
