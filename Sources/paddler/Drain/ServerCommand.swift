import LogLines
import ManagementClient

/// What an operator wants of one server.
protocol ServerCommand: OperatorCommand {
    /// An agent's name or id, or an address.
    var server: String { get }
}

extension ServerCommand {
    /// - Parameter report: what to print once it is done.
    func run(
        _ change: ManagementClient.Change,
        report: @escaping @Sendable (ListedAgent) -> String,
        then: @escaping @Sendable (ManagementClient, ListedAgent) async throws -> Void = { _, _ in }
    ) async throws {
        let server = server
        try await BalancerContact(settings()).use { client in
            let agent = try await AgentChoice.of(server, among: client.agents(), lost: change == .forget)
            let changed = try await client.change(change, agent)
            print(HarmlessText.line(report(changed)))
            try await then(client, changed)
        }
    }
}
