public import LlamaServer
public import Logging
public import ServiceLifecycle

/// The agents of several models in one process, and one status server for all of them.
///
/// When they are to stop, all leave at the same time. When one fails, all end.
public struct AgentGroup: Service {
    private let agents: [AgentService]
    private let statusServer: NetworkAddress?
    private let logger: Logger

    /// - Parameter statusServer: where they answer `GET /health`; nil: nowhere.
    public init(_ agents: [AgentService], statusServer: NetworkAddress?, logger: Logger) {
        self.agents = agents
        self.statusServer = statusServer
        self.logger = logger
    }

    /// - Throws: before anything is said to anybody, if the status server's address can't be listened on or a configuration can't be
    ///   used: an error whose description is for people.
    public func run() async throws {
        let agents = agents
        let server = try await AgentListener.status(on: statusServer, logger: logger) {
            AgentOverview.json(of: agents.map(\.overview))
        }
        try await withThrowingTaskGroup { group in
            for agent in agents { group.addTask { try await agent.run() } }
            try await group.waitForAll()
        }
        await server?.close()
    }
}
