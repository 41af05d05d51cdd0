import LlamaServer
import Scheduling
import Testing

@Suite("Upstreams that went without a word")
struct LossTests {
    @Test("whose connection ended without a goodbye is lost, with what was known of it")
    func connectionEnded() throws {
        var scene = Scene()
        scene.report("a", total: 2, name: "gpu-1")
        scene.pass(.seconds(1))
        scene.leave("a", .connectionEnded)
        let lost = try #require(scene.lost.first)
        #expect(lost.address.host == "a")
        #expect(lost.name == "gpu-1")
        #expect(lost.agent.rawValue == "a")
        #expect(lost.since == scene.now)
        #expect(lost.lastReport == scene.now - .seconds(1))
        #expect(lost.reason == .connectionEnded)
        #expect(lost.condition == .ready)
        #expect(scene.scheduler.summary.registered == 0)
        #expect(scene.events == ["joined", "lost"])
    }

    @Test("a server whose agent was shut out is lost, with that as the reason")
    func tokenWithdrawn() {
        var scene = Scene(slots: [2])
        scene.leave("a", .tokenWithdrawn)
        #expect(scene.lost.map(\.reason) == [.tokenWithdrawn])
        #expect(scene.events == ["joined", "lost"])
    }

    @Test(
        "who says that it goes, or is sent away, isn't lost",
        arguments: [Departure.goodbye, .moved, .dismissed]
    )
    func left(departure: Departure) {
        var scene = Scene(slots: [2])
        scene.leave("a", departure)
        #expect(scene.lost.isEmpty)
        #expect(scene.events == ["joined", "left"])
    }

    @Test("an agent that said that it is about to stop may end as it likes")
    func leaving() {
        var scene = Scene(slots: [2])
        scene.report("a", isLeaving: true)
        scene.leave("a", .connectionEnded)
        #expect(scene.lost.isEmpty)
    }

    @Test("an agent that hangs is silent, then its upstream is lost")
    func hangs() {
        var scene = Scene { $0.silencesToForget = 10 }
        scene.report("a", total: 1, maximumSilence: .seconds(7))
        scene.tick(after: .seconds(7))
        #expect(scene.events == ["joined", "silent"])
        scene.tick(after: .seconds(63))
        #expect(scene.events == ["joined", "silent", "lost"])
        #expect(scene.lost.map(\.reason) == [.silence(.seconds(70))])
    }

    @Test("an agent that has no connection is lost as soon as it is silent")
    func version010() {
        var scene = Scene()
        scene.report("a", total: 1, maximumSilence: .seconds(3), forgottenAfter: .seconds(3))
        scene.tick(after: .seconds(3))
        #expect(scene.scheduler.upstreamCount == 0)
        #expect(scene.events == ["joined", "lost"])
    }

    @Test("what still runs there is brought to its end, and it is listed once")
    func withLeases() throws {
        var scene = Scene(slots: [1])
        let lease = try scene.lease()
        scene.leave("a", .connectionEnded)
        #expect(try scene["a"].loss?.reason == .connectionEnded)
        #expect(scene.lost.isEmpty)
        #expect(scene.scheduler.snapshot(at: scene.now).lostCount == 1)
        scene.finish(lease)
        #expect(scene.lost.count == 1)
    }

    @Test("it is lost no longer when any agent speaks for its address, however that is written")
    func returns() throws {
        var scene = Scene()
        scene.report("127.0.0.1", total: 1)
        scene.leave("127.0.0.1", .connectionEnded)
        scene.pass(.seconds(90))
        scene.report("LocalHost", by: "another", total: 1)
        #expect(scene.scheduler.snapshot(at: scene.now).lostCount == 0)
        #expect(scene.scheduler.events.last?.kind == .returned(after: .seconds(90), .ready))
    }

    @Test("an operator forgets it, once, and nothing that isn't lost")
    func forgotten() {
        var scene = Scene(slots: [1, 1])
        scene.leave("a", .connectionEnded)
        let forgotten = ["b", "a", "a"].map { scene.forgetLost($0) }
        #expect(forgotten == [false, true, false])
        #expect(scene.lost.isEmpty)
        #expect(scene.events.last == "forgotten")
    }

    @Test("after a day it is forgotten by itself")
    func expires() {
        var scene = Scene(slots: [1, 1])
        scene.leave("a", .connectionEnded)
        scene.pass(.seconds(3600))
        scene.leave("b", .connectionEnded)
        #expect(scene.scheduler.nextTick == scene.now + .seconds(86_400 - 3600))
        scene.tick(after: .seconds(86_400 - 3600))
        #expect(scene.lost.map(\.address.host) == ["b"])
        scene.tick(after: .seconds(3600))
        #expect(scene.lost.isEmpty)
        #expect(scene.scheduler.nextTick == nil)
    }

    @Test("where none are to be remembered, none are")
    func off() {
        var scene = Scene(slots: [1]) { $0.lostMemory = .zero }
        scene.leave("a", .connectionEnded)
        #expect(scene.lost.isEmpty)
        #expect(scene.events.last == "lost")
    }

    @Test("of more than 1,024, those that were lost first are forgotten; of events, the last 200 are kept")
    func bounded() {
        var scene = Scene()
        for number in 0..<1030 {
            scene.report("h\(number)", total: 1)
            scene.pass(.milliseconds(1))
            scene.leave("h\(number)", .connectionEnded)
        }
        #expect(scene.lost.count == 1024)
        #expect(!scene.lost.contains { $0.address.host == "h5" })
        #expect(scene.scheduler.events.count == 200)
        #expect(scene.scheduler.events.last?.number == 2060)
        #expect(scene.scheduler.events.first?.number == 1861)
    }

    @Test("events are told once")
    func toldOnce() {
        var scheduler = Scheduler(configuration: .init())
        var told = [scheduler.takeEvents()]
        scheduler.refused(nil, of: nil, reason: "nonsense", at: Instant(nanoseconds: 0))
        for _ in 0..<2 { told.append(scheduler.takeEvents()) }
        #expect(told.map { $0.map(\.kind) } == [[], [.refused(reason: "nonsense")], []])
    }

    @Test("failures and what an agent says of its server are events, each once")
    func others() throws {
        var scene = Scene(slots: [1])
        scene.report("a", total: 1, .stuck("since 20 s"))
        scene.report("a", total: 1, .stuck("since 30 s"))
        scene.report("a", total: 1)
        _ = scene.retry(try scene.lease(), .connectFailed)
        scene.tick(after: .seconds(1))
        scene.drain("a")
        scene.drain("a")
        scene.undrain("a")
        #expect(
            scene.events
                == ["joined", "stuck", "condition", "ejected", "ejection_over", "drained", "undrained"]
        )
    }
}
