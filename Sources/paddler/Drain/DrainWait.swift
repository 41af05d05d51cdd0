import ManagementClient

/// Waits until nothing runs any more on a server that drains.
struct DrainWait: Sendable {
    let client: ManagementClient
    /// How long at most.
    let limit: Duration

    private static let interval: Duration = .milliseconds(500)

    func wait(for agent: ListedAgent) async throws {
        let deadline = ContinuousClock.now + limit
        while true {
            switch DrainProgress.of(agent.address, in: try await client.agents()) {
            case .done: return
            case .undrained: throw ManagementClientError.undrained(agent.inWords)
            case .running(let count):
                guard ContinuousClock.now < deadline else {
                    throw ManagementClientError.tooLong(agent.inWords, running: count)
                }
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}
