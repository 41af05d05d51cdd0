import LlamaServer
import Scheduling
import Testing

@testable import Management

@Suite("Registered targets")
struct RegisteredTargetsTests {
    private func report(_ id: String, _ condition: Condition = .ready) -> UpstreamReport {
        UpstreamReport(
            agent: AgentID(rawValue: id),
            route: UpstreamRoute(address: Messages.address),
            condition: condition,
            maximumSilence: .seconds(3)
        )
    }

    @Test("an agent is news once, and so is each change of its condition")
    func news() {
        var targets = RegisteredTargets()
        let now = Instant(nanoseconds: 0)
        #expect(targets.heard(report("a"), at: now) == .agent)
        #expect(targets.heard(report("a"), at: now) == .nothing)
        #expect(targets.heard(report("a", .loading), at: now) == .condition)
        #expect(targets.heard(report("a", .loading), at: now) == .nothing)
        #expect(targets.heard(report("b"), at: now) == .agent)
    }

    @Test("so is one that left, once, and when it comes back")
    func left() {
        var targets = RegisteredTargets()
        let now = Instant(nanoseconds: 0)
        _ = targets.heard(report("a"), at: now)
        #expect(targets.left(AgentID(rawValue: "a")) == .left)
        #expect(targets.left(AgentID(rawValue: "a")) == .nothing)
        #expect(targets.heard(report("a"), at: now) == .agent)
    }

    @Test("however many agents there are, so many are remembered, those that speak before those that are gone")
    func bounded() {
        var targets = RegisteredTargets()
        var now = Instant(nanoseconds: 0)
        for number in 0..<RegisteredTargets.limit { _ = targets.heard(report("\(number)"), at: now) }
        #expect(targets.heard(report("more"), at: now) == .nothing)
        #expect(targets.count == RegisteredTargets.limit)
        now = now + .seconds(61)
        #expect(targets.heard(report("more"), at: now) == .agent)
        #expect(targets.count == 1)
    }
}
