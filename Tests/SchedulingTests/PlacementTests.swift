import Scheduling
import Testing

/// Servers of one host, or of several, that are loaded on demand: each agent is called as its model.
private struct Hosts {
    var scene: Scene
    /// By agent.
    private var terms: [String: OnDemand] = [:]

    private var names: [String] = []

    /// How long each model takes to load.
    static let loadTime = Duration.seconds(2)

    init(_ configure: (inout Scheduler.Configuration) -> Void = { _ in }) {
        scene = Scene(configure)
    }

    /// - Parameters:
    ///   - models: each of which takes as much memory as this says.
    ///   - memory: of the host.
    init(
        _ models: KeyValuePairs<String, Int>,
        memory: Int,
        _ configure: (inout Scheduler.Configuration) -> Void = { _ in }
    ) {
        self.init(configure)
        for (model, need) in models { add(model, memory: need, to: "h", of: memory) }
    }

    mutating func add(
        _ model: String,
        as agent: String? = nil,
        memory: Int,
        to host: String,
        of all: Int,
        isPinned: Bool = false
    ) {
        let agent = agent ?? model
        terms[agent] = OnDemand(
            host: host,
            hostMemory: all,
            hostModels: names,
            memory: memory,
            loadTime: Self.loadTime,
            isPinned: isPinned
        )
        say(agent, .unloaded, model: model)
    }

    /// What all hosts say from now on that they have.
    mutating func announce(_ names: [String]) {
        self.names = names
    }

    @discardableResult
    mutating func say(
        _ agent: String,
        _ condition: Condition,
        model: String? = nil,
        total: Int? = nil,
        processing: Int = 0,
        isLeaving: Bool = false
    ) -> [Decision] {
        scene.report(
            agent,
            total: total,
            processing: processing,
            condition,
            isLeaving: isLeaving,
            models: [model ?? String(agent.prefix(1))],
            onDemand: terms[agent]
        )
    }

    /// Its agent has loaded it.
    @discardableResult
    mutating func load(_ agent: String, slots: Int = 1) -> [Decision] {
        say(agent, .loading)
        return say(agent, .ready, total: slots)
    }

    /// Its agent has unloaded it.
    @discardableResult
    mutating func unload(_ agent: String) -> [Decision] {
        say(agent, .ready, isLeaving: true)
        return say(agent, .unloaded)
    }

    /// An operator wishes; nil: there is nobody to follow.
    mutating func ask(_ wish: ModelWish, of agent: String) -> [String]? {
        let decisions = scene.ask(wish, of: agent)
        return decisions?.wishes
    }

    /// Somebody wishes it wherever that is.
    mutating func order(_ wish: ModelWish, _ model: String) -> WishAnswer {
        scene.ask(wish, for: model)
    }

    /// Its agent doesn't do what it was asked for.
    mutating func refuse(_ agent: String, _ condition: Condition, _ reason: String) {
        terms[agent]?.refusals += 1
        terms[agent]?.lastRefusal = reason
        say(agent, condition)
    }
}

@Suite("Placement")
struct PlacementTests {
    @Test("a model is loaded when somebody waits for it, and served when it is there")
    func loadsOnDemand() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 10)
        #expect(hosts.scene.tick(after: .seconds(60)).isEmpty)
        let ticket = try #require(hosts.scene.submit(for: "b").ticket)
        #expect(hosts.scene.scheduler.nextTick == hosts.scene.now)
        #expect(hosts.scene.tick().wishes == ["load b"])
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
        hosts.say("b", .loading)
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
        #expect(hosts.say("b", .ready, total: 1).dispatched == [1])
        let stillWaits = hosts.scene.cancel(ticket)
        #expect(!stillWaits)
        #expect(hosts.scene.events.suffix(3) == ["load_wished", "condition", "condition"])
    }

    @Test("one load is for all who wait, and what fits beside what is there takes nobody's place")
    func oneLoadForAll() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 10)
        hosts.load("a")
        for _ in 0..<3 { #expect(hosts.scene.submit(for: "b").ticket != nil) }
        #expect(hosts.scene.tick().wishes == ["load b"])
        #expect(hosts.load("b", slots: 3).dispatched == [1, 2, 3])
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
    }

    @Test("what nobody uses makes room, the longest unused first, and nothing else")
    func makesRoom() throws {
        var hosts = Hosts(["a": 5, "b": 5, "c": 5], memory: 10)
        for model in ["a", "b"] { hosts.load(model) }
        hosts.scene.pass(.seconds(10))
        for model in ["b", "a"] {
            hosts.scene.finish(try hosts.scene.lease(for: model))
            hosts.scene.pass(.seconds(1))
        }
        #expect(hosts.scene.submit(for: "c").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["unload b"])
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
        hosts.unload("b")
        #expect(hosts.scene.tick().wishes == ["load c"])
    }

    @Test("a model stays for as long as loading it took")
    func stays() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 5)
        hosts.load("a")
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        #expect(hosts.scene.tick().wishes.isEmpty)
        #expect(hosts.scene.tick(after: Hosts.loadTime).wishes.isEmpty)
        #expect(hosts.scene.tick(after: .seconds(1)).wishes == ["unload a"])
    }

    @Test("a pinned model never goes")
    func pinned() throws {
        var hosts = Hosts()
        hosts.add("a", memory: 5, to: "h", of: 5, isPinned: true)
        hosts.add("b", memory: 5, to: "h", of: 5)
        hosts.load("a")
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        #expect(hosts.scene.tick(after: .seconds(59)).wishes.isEmpty)
    }

    @Test("what is in use gets nothing new when others have waited for long enough, and ends what it has")
    func turns() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 5)
        hosts.load("a")
        hosts.scene.pass(.seconds(10))
        let running = try hosts.scene.lease(for: "a")
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        #expect(hosts.scene.tick().wishes.isEmpty)
        // Both loads.
        #expect(hosts.scene.tick(after: .seconds(4) - .nanoseconds(1)).wishes.isEmpty)
        #expect(hosts.scene.tick(after: .milliseconds(250)).wishes == ["unload a"])
        #expect(hosts.say("a", .ready, isLeaving: true).drained.isEmpty)
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.finish(running).drained == ["a"])
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
        hosts.say("a", .unloaded)
        #expect(hosts.scene.tick(after: .seconds(1)).wishes == ["load b"])
        // And those of the other get it back.
        let others = hosts.load("b")
        #expect(others.dispatched == [2])
        hosts.scene.finish(try #require(others.leases.first))
        #expect(hosts.scene.tick(after: .seconds(3)).wishes == ["unload b"])
        hosts.unload("b")
        #expect(hosts.scene.tick().wishes == ["load a"])
        #expect(hosts.load("a").dispatched == [3])
    }

    @Test("where the first of all waits until others have gone, later ones get what isn't needed for that, and no more")
    func keepsTheHost() throws {
        var hosts = Hosts(["a": 5, "b": 10, "c": 5, "d": 2], memory: 12)
        hosts.load("a")
        hosts.scene.pass(.seconds(10))
        let running = try hosts.scene.lease(for: "a")
        for model in ["b", "c", "d"] { #expect(hosts.scene.submit(for: model).ticket != nil) }
        #expect(hosts.scene.tick().wishes == ["load d"])
        hosts.load("d")
        #expect(hosts.scene.tick(after: .seconds(3)).wishes.isEmpty)
        hosts.scene.finish(running)
        #expect(hosts.scene.tick(after: .milliseconds(250)).wishes == ["unload a"])
        hosts.unload("a")
        #expect(hosts.scene.tick().wishes == ["load b"])
    }

    @Test("loads, what they took, why models went, and who waited for it are counted")
    func counted() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 5)
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["load a"])
        hosts.say("a", .loading)
        hosts.scene.pass(.seconds(3))
        let leases = hosts.say("a", .ready, total: 1).leases
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        hosts.scene.finish(try #require(leases.first))
        hosts.scene.pass(.seconds(10))
        #expect(hosts.ask(.unload, of: "a") == ["unload a"])
        hosts.unload("a")
        hosts.say("a", .loading)
        hosts.say("a", .failing("no"))
        hosts.say("b", .loading)
        hosts.say("b", .restarting("crashed"))
        hosts.say("b", .ready, total: 1)
        hosts.unload("b")
        hosts.say("b", .loading)
        hosts.say("b", .loading, isLeaving: true)
        hosts.say("b", .unloaded)
        let counters = hosts.scene.scheduler.snapshot(at: hosts.scene.now).counters
        #expect(counters.loads.loaded == 2 && counters.loads.loadTime == .seconds(3))
        #expect(counters.loads.failed == 1 && counters.loads.givenUp == 1)
        #expect(counters.loads.unloadedByWish == 1 && counters.loads.unloadedByHost == 1)
        #expect(counters.loads.waits == 1 && counters.loads.waited == .seconds(3))
        #expect(counters.restarts == 1)
    }

    @Test("the host where it costs least is asked")
    func cheapestHost() throws {
        var hosts = Hosts()
        hosts.add("b", as: "b1", memory: 5, to: "h1", of: 5)
        hosts.add("a", as: "a1", memory: 5, to: "h1", of: 5)
        hosts.add("b", as: "b2", memory: 5, to: "h2", of: 5)
        hosts.load("a1")
        hosts.scene.pass(.seconds(10))
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["load b2"])
    }

    @Test("who has waited for as long as a load takes gets another server of the model, where there is room")
    func scalesOut() throws {
        var hosts = Hosts()
        for host in ["1", "2"] {
            hosts.add("a", as: "a\(host)", memory: 5, to: host, of: 5)
            hosts.add("b", as: "b\(host)", memory: 5, to: host, of: 5)
        }
        hosts.load("a1")
        hosts.load("b2")
        hosts.scene.pass(.seconds(10))
        hosts.scene.finish(try hosts.scene.lease(for: "b"))
        _ = try hosts.scene.lease(for: "a")
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick(after: Hosts.loadTime - .nanoseconds(1)).wishes.isEmpty)
        // What was used a moment ago stays.
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
        #expect(hosts.scene.tick(after: .seconds(2)).wishes == ["unload b2"])
        hosts.unload("b2")
        #expect(hosts.scene.tick().wishes == ["load a2"])
    }

    @Test("what loads for nobody any more is given up, at once if others want its room")
    func givesUp() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 5)
        let ticket = try #require(hosts.scene.submit(for: "a").ticket)
        #expect(hosts.scene.tick().wishes == ["load a"])
        hosts.say("a", .loading)
        let waited = hosts.scene.cancel(ticket)
        #expect(waited)
        #expect(hosts.scene.tick().wishes.isEmpty)
        #expect(hosts.scene.tick(after: .seconds(4)).wishes.isEmpty)
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["unload a"])
        hosts.unload("a")
        #expect(hosts.scene.tick().wishes == ["load b"])
    }

    @Test("what its agent loads by itself isn't given up")
    func preloaded() throws {
        var hosts = Hosts(["a": 5], memory: 5)
        hosts.say("a", .loading)
        #expect(hosts.scene.tick(after: .seconds(60)).wishes.isEmpty)
    }

    @Test("a wish is said again, and comes to nothing when it is never heard")
    func unheard() throws {
        var hosts = Hosts()
        for agent in ["a1", "a2"] { hosts.add("a", as: agent, memory: 5, to: agent, of: 5) }
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["load a1"])
        #expect(hosts.scene.tick(after: .seconds(2)).wishes == ["load a1"])
        #expect(hosts.scene.tick(after: .seconds(8)).wishes == ["load a2"])
    }

    @Test("a refusal sends the wish elsewhere, and is respected for a while")
    func refused() throws {
        var hosts = Hosts()
        for agent in ["a1", "a2"] { hosts.add("a", as: agent, memory: 5, to: agent, of: 5) }
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["load a1"])
        hosts.refuse("a1", .unloaded, "no room")
        #expect(hosts.scene.tick().wishes == ["load a2"])
        hosts.refuse("a2", .unloaded, "no room")
        #expect(hosts.scene.tick().wishes.isEmpty)
        #expect(hosts.scene.tick(after: .seconds(1)).wishes == ["load a1"])
        hosts.refuse("a1", .unloaded, "no room")
        #expect(hosts.scene.tick().wishes == ["load a2"])
        hosts.refuse("a2", .unloaded, "no room")
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
        #expect(hosts.scene.tick(after: .seconds(1)).wishes == ["load a1"])
    }

    @Test("who waits for what can't be loaded anywhere is told why, at once while that is known")
    func fails() throws {
        var hosts = Hosts(["a": 5, "b": 20], memory: 10)
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["load a"])
        hosts.say("a", .loading)
        hosts.say("a", .failing("it ended with exit code 1"))
        let reason = Rejection.modelFailed("a", reason: "it ended with exit code 1")
        #expect(hosts.scene.tick() == [.reject(RequestID(rawValue: 1), reason)])
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick() == [.reject(RequestID(rawValue: 2), reason)])
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        #expect(hosts.scene.tick().rejected == [3])
        // The next one has it tried again.
        hosts.scene.pass(.seconds(1))
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["load a"])
        #expect(hosts.load("a").dispatched == [4])
    }

    @Test("whose model is loading waits on when its time is up, and not for ever")
    func loadsLong() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 10) { $0.queueTimeout = .seconds(10) }
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["load a"])
        hosts.say("a", .loading)
        for _ in 0..<600 { #expect(hosts.scene.tick(after: .seconds(1)).rejected.isEmpty) }
        var rejected: [UInt64] = []
        for _ in 0..<20 { rejected += hosts.scene.tick(after: .seconds(1)).rejected }
        #expect(rejected == [1])
    }

    @Test("a request that needs no slot has its model loaded, too")
    func slotless() throws {
        var hosts = Hosts(["a": 5], memory: 5)
        #expect(hosts.scene.submitSlotless() == .waits)
        #expect(hosts.scene.tick().wishes == ["load a"])
        #expect(hosts.load("a").sent == ["1 to a"])
    }

    @Test("where several models are to be had and none is loaded, what needs no slot and names none doesn't wait")
    func nameless() throws {
        var hosts = Hosts()
        #expect(hosts.scene.submitSlotless() == .waits)
        hosts.add("a", memory: 5, to: "h", of: 10)
        hosts.add("b", memory: 5, to: "h", of: 10)
        #expect(hosts.scene.tick() == [.reject(RequestID(rawValue: 1), .modelNotNamed(known: ["a", "b"]))])
    }

    @Test("who names a model of a host of which another server was heard first waits for it")
    func announced() throws {
        var hosts = Hosts()
        hosts.announce(["a", "b"])
        hosts.add("a", memory: 5, to: "h", of: 10)
        hosts.load("a")
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        guard case .unknownModel = hosts.scene.submit(for: "c").rejection else {
            Issue.record("a server serves what it hasn't")
            return
        }
        hosts.add("b", memory: 5, to: "h", of: 10)
        #expect(hosts.scene.tick().wishes == ["load b"])
        #expect(hosts.load("b").dispatched == [1])
        // What has gone is awaited, too, for as long as its host is there.
        hosts.scene.leave("b")
        #expect(hosts.scene.submit(for: "b").ticket != nil)
    }

    @Test("who waits isn't refused while a server that has the model is only kept from requests")
    func drained() throws {
        var hosts = Hosts()
        for agent in ["a1", "a2"] { hosts.add("a", as: agent, memory: 5, to: agent, of: 5) }
        hosts.load("a1")
        hosts.scene.drain("a1")
        #expect(hosts.scene.submit(for: "a").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["load a2"])
        hosts.say("a2", .failing("it ended with exit code 1"))
        #expect(hosts.scene.tick().rejected.isEmpty)
        #expect(hosts.scene.undrain("a1").dispatched == [1])
    }

    @Test(
        "a model that somebody has loaded by its name makes room as for a request, and isn't loaded when that is taken back"
    )
    func ordered() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 5)
        hosts.load("a")
        hosts.scene.pass(.seconds(10))
        #expect(hosts.order(.load, "b") == .asked)
        #expect(hosts.scene.tick().wishes == ["unload a"])
        hosts.say("a", .ready, isLeaving: true)
        // What is about to go isn't there.
        #expect(hosts.order(.load, "a") == .asked)
        #expect(hosts.order(.unload, "b") == .isSo)
        hosts.say("a", .unloaded)
        #expect(hosts.scene.tick().wishes == ["load a"])
        #expect(hosts.order(.load, "c") == .unknown)
    }

    @Test("an operator's wish is said to its agent, and takes memory that others don't count on")
    func asked() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 5)
        #expect(hosts.ask(.load, of: "a") == ["load a"])
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        #expect(hosts.scene.tick().wishes.isEmpty)
        hosts.load("a")
        #expect(hosts.ask(.load, of: "a") == [])
        #expect(hosts.ask(.unload, of: "a") == ["unload a"])
        hosts.unload("a")
        #expect(hosts.scene.tick().wishes == ["load b"])
        hosts.scene.report("c", total: 1, models: ["c"])
        #expect(hosts.ask(.load, of: "c") == nil)
    }

    @Test("an agent that goes takes its wishes along")
    func agentLeaves() throws {
        var hosts = Hosts(["a": 5, "b": 5], memory: 5)
        hosts.load("a")
        hosts.scene.pass(.seconds(10))
        #expect(hosts.scene.submit(for: "b").ticket != nil)
        #expect(hosts.scene.tick().wishes == ["unload a"])
        hosts.scene.leave("b", .connectionEnded)
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
        hosts.unload("a")
        #expect(hosts.scene.tick(after: .seconds(1)).wishes.isEmpty)
    }
}
