import LlamaServer
import Scheduling
import Testing

@Suite("Leases of other balancers")
struct LeasesTests {
    @Test("who waits is served in the call that tells that others have a slot less")
    func servedAtOnce() throws {
        var scene = Scene()
        scene.report("a", total: 2, processing: 2, others: 2)
        scene.pass(.seconds(1))
        try scene.queue()
        scene.pass(.milliseconds(1))
        #expect(scene.report("a", others: 1).dispatched == [1])
        #expect(try scene["a"].slotsForeign == 1)
        #expect(try scene["a"].slotsOthers == 1)
    }

    @Test("slots that others have told of are not idle, whatever the last sample showed")
    func busyAtOnce() throws {
        var scene = Scene()
        scene.report("a", total: 2, others: 0)
        scene.pass(.seconds(1))
        scene.report("a", others: 2)
        #expect(scene.scheduler.summary.slotsIdle == 0)
        try scene.queue()
        // They are known exactly: nobody has to look.
        #expect(scene.tick(after: .seconds(10)).polled.isEmpty)
    }

    @Test("what a sample shows beyond our own and theirs is a stranger's")
    func strangers() throws {
        var scene = Scene()
        scene.report("a", total: 8, others: 0)
        scene.pass(.seconds(1))
        _ = try scene.leases(1)
        scene.report("a", others: 2)
        scene.pass(.seconds(1))
        scene.report("a", total: 8, processing: 5, others: 2)
        #expect(try scene["a"].slotsForeign == 4)
        #expect(try scene["a"].slotsOthers == 2)
        scene.pass(.seconds(1))
        scene.report("a", others: 0)
        #expect(try scene["a"].slotsForeign == 2)
    }

    @Test("a sample of when others had more takes none of theirs for a stranger's")
    func olderSample() throws {
        var scene = Scene()
        scene.report("a", total: 4, others: 3)
        scene.pass(.seconds(5))
        scene.report("a", total: 4, processing: 3, age: .milliseconds(30), others: 1, othersThen: 3)
        #expect(try scene["a"].slotsForeign == 1)
    }

    @Test("a request of others that was seen before its lease was heard of is counted once")
    func lateWord() throws {
        var scene = Scene()
        scene.report("a", total: 4, others: 0)
        scene.pass(.seconds(5))
        scene.report("a", total: 4, processing: 2, others: 1)
        #expect(try scene["a"].slotsForeign == 2)
        scene.pass(.milliseconds(60))
        scene.report("a", others: 2)
        #expect(try scene["a"].slotsForeign == 2)
        scene.pass(.seconds(2))
        scene.report("a", others: 3)
        #expect(try scene["a"].slotsForeign == 3)
    }

    @Test("a slot that cools isn't taken for over because others had one more a moment ago")
    func cooling() throws {
        var scene = Scene()
        scene.report("a", total: 4, others: 1)
        let lease = try scene.lease()
        scene.finish(lease, .clientLeft(runsOn: .untilItLooks))
        scene.pass(.seconds(5))
        scene.report("a", total: 4, processing: 1, others: 0, othersThen: 1)
        #expect(try scene["a"].slotsCooling == 1)
        scene.pass(.seconds(2))
        scene.report("a", total: 4, processing: 1, others: 1)
        #expect(try scene["a"].slotsCooling == 0)
        #expect(try scene["a"].slotsForeign == 1)
    }

    @Test("however many they claim to have, there are no more than the slots", arguments: [5, 65_536, .max, -3])
    func rogue(others: Int) throws {
        var scene = Scene()
        scene.report("a", total: 4, others: others)
        #expect(try scene["a"].slotsForeign == min(4, max(0, others)))
        #expect(try scene["a"].slotsIdle >= 0)
        scene.report("a", total: 4, others: 0)
        #expect(try scene["a"].slotsIdle == 4)
    }

    @Test("its agent is to be told when leases have changed, those that cool counted, and not when one follows another")
    func news() throws {
        var scene = Scene()
        var told: [String]
        scene.report("a", total: 2, others: 0)
        told = scene.news()
        #expect(told == ["a 0"])
        let leases = try scene.leases(2)
        told = scene.news()
        #expect(told == ["a 2"])
        try scene.queue()
        scene.pass(.seconds(1))
        #expect(scene.finish(leases[0]).dispatched == [3])
        #expect(scene.news().isEmpty)
        scene.finish(leases[1], .clientLeft(runsOn: .untilItLooks))
        #expect(scene.news().isEmpty)
        scene.pass(.seconds(1))
        scene.report("a", total: 2, processing: 1, others: 0)
        told = scene.news()
        #expect(told == ["a 1"])
    }

    @Test("an agent without other balancers is told nothing")
    func alone() throws {
        var scene = Scene(slots: [2])
        let lease = try scene.lease()
        #expect(scene.news().isEmpty)
        scene.finish(lease)
        #expect(scene.news().isEmpty)
        #expect(scene.scheduler.leases(of: AgentID(rawValue: "a")) == 0)
    }

    @Test("an agent that takes over is told what runs there, and what others had is forgotten with the one before")
    func takenOver() throws {
        var scene = Scene()
        scene.report("a", total: 4, others: 2)
        _ = try scene.leases(1)
        _ = scene.news()
        scene.leave("a", .connectionEnded)
        #expect(scene.news().isEmpty)
        scene.report("a", by: "b", total: 4, processing: 1, others: 0)
        let told = scene.news()
        #expect(told == ["b 1"])
        #expect(try scene["a"].slotsForeign == 0)
    }

    @Test("so is one that takes over from an agent that is still there, which then has none to tell of")
    func takenOverFromSilent() throws {
        var scene = Scene()
        scene.report("a", total: 4, others: 2, maximumSilence: .seconds(5))
        _ = try scene.leases(1)
        _ = scene.news()
        scene.report("a", by: "b", total: 4, processing: 1, others: 0)
        #expect(scene.news().isEmpty)
        scene.tick(after: .seconds(6))
        scene.report("a", by: "b", total: 4, processing: 1, others: 0)
        var told = scene.news()
        #expect(told == ["a 0", "b 1"])
        #expect(try scene["a"].slotsOthers == 0)
        scene.report("a", by: "b", total: 4, processing: 1, isLeaving: true, others: 0)
        scene.report("a", by: "c", total: 4, processing: 1, others: 0)
        told = scene.news()
        #expect(told == ["b 0", "c 1"])
    }
}

extension Scene {
    /// Agents that are to be told how many leases there are, and how many.
    fileprivate mutating func news() -> [String] {
        takeLeaseNews().map { "\($0.rawValue) \(scheduler.leases(of: $0))" }
    }
}
