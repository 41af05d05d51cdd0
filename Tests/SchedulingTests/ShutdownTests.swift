import Scheduling
import Testing

@Suite("Shutdown")
struct ShutdownTests {
    @Test("new requests are refused and those that wait keep their chance")
    func keepsTheQueue() throws {
        var scene = Scene(slots: [1])
        let lease = try scene.lease()
        try scene.queue()
        scene.stopAccepting()
        #expect(scene.submit().rejection == .shuttingDown)
        #expect(scene.finish(lease).dispatched == [2])
    }

    @Test("a failed request keeps its chance, too")
    func retries() throws {
        var scene = Scene(slots: [2, 1])
        let lease = try scene.lease()
        scene.stopAccepting()
        #expect(scene.retry(lease, .connectFailed).submission?.lease != nil)
    }

    @Test("in the end the rest of the queue is rejected, in order, and nobody queues again")
    func rejectsTheRest() throws {
        var scene = Scene(slots: [1])
        let lease = try scene.lease()
        for _ in 0..<3 { try scene.queue() }
        scene.stopAccepting()
        #expect(scene.rejectAll() == [2, 3, 4].map { .reject(RequestID(rawValue: $0), .shuttingDown) })
        #expect(scene.retry(lease, .brokenOff).submission?.rejection == .shuttingDown)
        #expect(scene.scheduler.leasedCount == 0)
    }

    @Test("a fleet that is held is used on when its agents have gone or are silent")
    func heldFleet() throws {
        var scene = Scene()
        scene.report("a", total: 1, maximumSilence: .seconds(10))
        scene.report("b", total: 1, maximumSilence: .seconds(10))
        scene.holdFleet()
        scene.leave("a")
        scene.tick(after: .seconds(100))
        let lease = try scene.lease()
        _ = try scene.lease()
        try scene.queue()
        #expect(scene.finish(lease).dispatched == [3])
        #expect(scene.scheduler.nextTick == nil)
    }
}
