import LlamaServer
import Scheduling
import Testing

@Suite("A copy of the fleet that is brought up to date")
struct FleetCopyTests {
    /// By address: a copy and a snapshot list upstreams in orders of their own.
    private func sorted(_ snapshot: FleetSnapshot?) -> FleetSnapshot? {
        var snapshot = snapshot
        snapshot?.sortUpstreams()
        return snapshot
    }

    private func update(_ copy: inout FleetCopy, _ scene: inout Scene, atMost limit: Int) {
        var left = 1
        while left > 0 {
            let changes = scene.takeChanges(atMost: limit)
            copy.apply(changes)
            left = changes.left
        }
    }

    @Test("it says what a snapshot of the same moment says, however small its parts", arguments: [1, 2, 64])
    func same(limit: Int) throws {
        var scene = Scene(slots: [2, 3, 1])
        var copy = FleetCopy()
        #expect(copy.snapshot == nil)
        var leases: [Lease] = []
        let steps: [(inout Scene) throws -> Void] = [
            { _ in },
            { leases.append(try $0.lease()) },
            { $0.report("b", by: "claimant", total: 3) },
            { $0.drain("a") },
            { $0.pass(.seconds(3)) },
            { $0.report("c", total: 1, .loading) },
            { _ = $0.retry(leases.removeLast(), .connectFailed) },
            { $0.tick(after: .milliseconds(500)) },
            { $0.leave("b", .connectionEnded) },
            { $0.tick(after: .seconds(10)) },
            { $0.report("d", total: 4) },
            { $0.report("a", total: 2, models: ["beta"]) },
            { $0.report("d", total: 4, models: ["alpha"]) },
            { _ = $0.submit(for: "beta") },
            { _ = $0.forgetLost("b") },
        ]
        for step in steps {
            try step(&scene)
            update(&copy, &scene, atMost: limit)
            #expect(sorted(copy.snapshot) == sorted(scene.scheduler.snapshot(at: scene.now)))
        }
    }

    @Test("a part is no larger than asked for, and tells how many are left")
    func parts() {
        var scene = Scene(slots: [1, 1, 1, 1, 1])
        #expect(scene.takeChanges(atMost: 2).left == 3)
        #expect(scene.takeChanges(atMost: 2).left == 1)
        #expect(scene.takeChanges(atMost: 2).left == 0)
        #expect(scene.takeChanges(atMost: 2).left == 0)
    }
}

extension FleetSnapshot {
    fileprivate mutating func sortUpstreams() {
        upstreams.sort { $0.address.description < $1.address.description }
    }
}
