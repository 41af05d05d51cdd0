#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The agent's monotonic clock. Its zero is when the agent started; it goes on while the machine sleeps.
struct AgentClock: Sendable {
    private let origin = ContinuousClock.now

    func now() -> Duration {
        .now - origin
    }

    /// What the machine's clock shows, as the time since 1970. It may be set, even back.
    func sinceEpoch() -> Duration {
        .seconds(Date().timeIntervalSince1970)
    }

    func sleep(until time: Duration) async throws {
        try await Task.sleep(until: origin + time, clock: .continuous)
    }
}
