import ManagementClient

/// Waits for a model that an agent was asked to load.
struct ModelWait: Sendable {
    let client: ManagementClient

    private static let interval = Duration.milliseconds(250)

    /// - Throws: ``ManagementClientError/notLoaded(_:_:reason:)`` when its agent refuses, or fails.
    func untilLoaded(_ model: String, on server: ListedAgent) async throws {
        var hasBegun = false
        while true {
            let servers = try await client.models().servers
            switch LoadProgress.of(server.address, hasBegun: hasBegun, in: servers) {
            case .done: return
            case .failed(let reason): throw ManagementClientError.notLoaded(model, server.inWords, reason: reason)
            case .underWay: break
            }
            if servers.contains(where: { $0.server.address == server.address && $0.isLoaded }) { hasBegun = true }
            // Asked again, as by DrainWait: one who watches takes a place of those that dashboards need.
            try await Task.sleep(for: Self.interval)
        }
    }
}
