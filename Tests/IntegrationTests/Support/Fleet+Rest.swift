@testable import FakeLlamaServer

extension Fleet {
    /// Waits until every server is used again, and nothing runs, waits or is counted anywhere.
    ///
    /// - Parameter occupied: slots that the test itself still occupies, beside which nothing runs.
    func waitUntilAtRest(occupied: Int = 0) async throws {
        try await eventually("the fleet at rest") {
            try await balancer.upstreams()
        } satisfies: { upstreams in
            upstreams.count == servers.count
                && upstreams.allSatisfy { $0.state == "usable" && $0.slotsCooling == 0 && $0.slotsForeign == 0 }
                && upstreams.map(\.slotsLeased).reduce(0, +) == occupied
        }
        try await balancer.waitUntilWaiting(0)
        try await eventually("requests on the servers at rest", equals: occupied) {
            var running = 0
            for server in servers {
                let counts = try await server.counts()
                running += counts.runningNow + counts.deferredNow
            }
            return running
        }
    }
}
