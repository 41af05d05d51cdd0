/// The agent's monotonic clock. Its zero is when the agent started; it goes on while the machine sleeps.
struct AgentClock: Sendable {
    private let origin = ContinuousClock.now

    func now() -> Duration {
        .now - origin
    }

    func sleep(until time: Duration) async throws {
        try await Task.sleep(until: origin + time, clock: .continuous)
    }
}
