import Testing

@testable import FleetMetrics

struct StatsDReachabilityTests {
    @Test("a server that is away is worth one line, and one when it is back")
    func once() {
        var reachability = StatsDReachability()
        #expect(reachability.reported(failure: nil) == nil)
        #expect(reachability.reported(failure: "refused") == .lost(reason: "refused"))
        #expect(reachability.reported(failure: "refused") == nil)
        #expect(reachability.reported(failure: "unknown name") == nil)
        #expect(reachability.reported(failure: nil) == .found)
        #expect(reachability.reported(failure: nil) == nil)
    }
}
