import Scheduling
import Testing

@Suite("What a request waits for whose model has to be loaded")
struct AwaitedLoadTests {
    private var scene = Scene()

    private mutating func say(_ model: String, _ condition: Condition, on agent: String? = nil, total: Int? = nil) {
        scene.report(
            agent ?? model,
            total: total,
            condition,
            models: [model],
            name: "rack/\(agent ?? model)",
            onDemand: OnDemand(host: "h", hostMemory: 10, memory: 6, loadTime: .seconds(4))
        )
    }

    private mutating func queue(for model: String) throws -> QueueTicket {
        try #require(scene.submit(for: model).ticket)
    }

    private func expect(_ ticket: QueueTicket, _ model: String, on server: String?, _ stage: AwaitedLoad.Stage) {
        let load = awaited(ticket)
        #expect(load?.model == model && load?.server == server && load?.stage == stage)
        #expect(load?.usualTime == .seconds(4))
    }

    private func awaited(_ ticket: QueueTicket) -> AwaitedLoad? {
        scene.scheduler.awaitedLoad(of: ticket, at: scene.now)
    }

    @Test("from the wish to the end of the load; with the slot it is over")
    mutating func course() throws {
        say("a", .unloaded)
        say("b", .unloaded)
        let ticket = try queue(for: "a")
        expect(ticket, "a", on: nil, .waitsForRoom)
        #expect(scene.tick().wishes == ["load a"])
        expect(ticket, "a", on: "rack/a", .wished)
        say("a", .loading)
        scene.pass(.seconds(3))
        #expect(awaited(ticket)?.stage == .loading(elapsed: .seconds(3)))
        say("a", .ready, total: 1)
        #expect(awaited(ticket) == nil)
    }

    @Test("one that waits for room isn't told of the load that others wait for")
    mutating func room() throws {
        say("a", .unloaded)
        say("b", .unloaded)
        _ = try queue(for: "a")
        scene.tick()
        say("a", .loading)
        let other = try queue(for: "b")
        scene.tick()
        expect(other, "b", on: nil, .waitsForRoom)
    }

    @Test("one that waits for a busy slot waits for no load, although there is one")
    mutating func busy() throws {
        say("a", .ready, total: 1)
        say("b", .unloaded)
        say("a", .unloaded, on: "c")
        _ = try scene.lease(for: "a")
        let ticket = try queue(for: "a")
        scene.tick(after: .seconds(20))
        #expect(awaited(ticket) == nil)
    }

    @Test("what has failed and isn't tried for now isn't waited for")
    mutating func failed() throws {
        say("a", .unloaded)
        say("b", .unloaded)
        let ticket = try queue(for: "a")
        scene.tick()
        say("a", .loading)
        say("a", .failing("out of memory"))
        #expect(awaited(ticket) == nil)
    }

    @Test("where nothing is loaded on demand nobody is told")
    mutating func others() throws {
        scene.report("a", .loading, models: ["a"])
        let ticket = try queue(for: "a")
        #expect(awaited(ticket) == nil)
    }
}
