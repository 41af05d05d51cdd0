import ManagementClient

/// Waits for a model that an agent was asked to load.
struct ModelWait {
    let client: ManagementClient

    private static let interval = Duration.milliseconds(250)

    /// - Throws: ``ManagementClientError/notLoaded(_:_:reason:)`` when its agent refuses, or fails.
    func untilLoaded(_ model: String, on server: ListedAgent) async throws {
        var hasBegun = false
        while true {
            let servers = try await client.models().servers
            guard let one = servers.first(where: { $0.server.address == server.address }) else {
                throw ManagementClientError.notLoaded(model, server.inWords, reason: "it is gone")
            }
            if one.state == "usable" { return }
            if one.isLoaded { hasBegun = true }
            let isOver = hasBegun ? !one.isLoaded : one.onDemand?.wish == nil && !one.isLoaded
            if isOver {
                throw ManagementClientError.notLoaded(
                    model,
                    server.inWords,
                    reason: one.onDemand?.refusal ?? "its agent has given it up"
                )
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}
