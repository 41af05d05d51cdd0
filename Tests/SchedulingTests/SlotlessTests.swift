import Scheduling
import Testing

@Suite("Requests that need no slot")
struct SlotlessTests {
    /// What makes the only server usable, after something has made it unusable.
    enum Return: CaseIterable, Sendable {
        case firstReport, isReady, isUndrained, ejectionEnds
    }

    @Test(
        "they wait for a server, whatever it waits for itself, and go there in the order of arrival",
        arguments: Return.allCases
    )
    func waitForServer(_ event: Return) throws {
        var scene = Scene(slots: event == .firstReport ? [] : [1])
        switch event {
        case .firstReport: break
        case .isReady: scene.report("a", .loading)
        case .isUndrained: scene.drain("a")
        case .ejectionEnds: scene.connectFailed(try scene["a"].id)
        }
        #expect(scene.submitSlotless() == .waits)
        scene.pass(.milliseconds(100))
        #expect(scene.submitSlotless() == .waits)
        let decisions =
            switch event {
            case .firstReport, .isReady: scene.report("a", total: 1)
            case .isUndrained: scene.undrain("a")
            case .ejectionEnds: scene.tick(after: .seconds(1))
            }
        #expect(decisions.sent == ["1 to a", "2 to a"])
        #expect(scene.scheduler.slotlessCount == 0)
    }

    @Test("they wait as long as they may, and no longer than others wait for a slot", arguments: [10, 3])
    func waitTooLong(_ seconds: Int) throws {
        var scene = Scene { $0.queueTimeout = .seconds(seconds == 3 ? 3 : 60) }
        #expect(scene.submitSlotless() == .waits)
        scene.pass(.seconds(1))
        #expect(scene.submitSlotless() == .waits)
        #expect(scene.tick(after: .seconds(seconds - 1) - .nanoseconds(1)).isEmpty)
        let summary = scene.scheduler.summary
        let first = scene.tick(after: .nanoseconds(1))
        #expect(first == [.reject(RequestID(rawValue: 1), .noServer(waited: .seconds(seconds), summary))])
        #expect(scene.scheduler.nextTick == scene.now + .seconds(1))
        #expect(scene.tick(after: .seconds(1)).rejected == [2])
    }

    @Test("their waits add up: one that comes back when its time is over waits no more")
    func comesBack() throws {
        var scene = Scene()
        let arrived = scene.now
        scene.pass(.seconds(10))
        guard case .reject(.noServer) = scene.submitSlotless(arrived: arrived) else {
            Issue.record("it waits again")
            return
        }
    }

    @Test("they share the places in the queue with those that need a slot")
    func places() throws {
        var scene = Scene { $0.maximumQueued = 2 }
        #expect(scene.submitSlotless() == .waits)
        try scene.queue()
        #expect(scene.submitSlotless() == .reject(.queueFull(limit: 2, scene.scheduler.summary)))
        #expect(scene.submit().rejection == .queueFull(limit: 2, scene.scheduler.summary))
        let wasCancelled = [scene.cancelSlotless(1), scene.cancelSlotless(1)]
        #expect(wasCancelled == [true, false])
        try scene.queue()
    }

    @Test("where nobody may wait they are refused at once")
    func noQueue() throws {
        var scene = Scene { $0.maximumQueued = 0 }
        #expect(scene.submitSlotless() == .reject(.noServer(waited: .zero, scene.scheduler.summary)))
    }

    @Test("the end of the shutdown refuses them")
    func shutdown() throws {
        var scene = Scene()
        #expect(scene.submitSlotless() == .waits)
        #expect(scene.rejectAll() == [.reject(RequestID(rawValue: 1), .shuttingDown)])
        #expect(scene.submitSlotless() == .reject(.shuttingDown))
        #expect(scene.scheduler.nextTick == nil)
    }
}
