package import Agent
package import Logging

/// An agent over URLSession, and nothing else in its process.
package struct StandaloneAgent: Sendable {
    private let loop: AgentLoop
    private let logger: Logger

    package init(_ configuration: AgentConfiguration, logger: Logger) {
        loop = AgentLoop(configuration, logger: logger)
        self.logger = logger
    }

    /// - Parameter modelKeeper: who runs the llama-server while its model is loaded.
    package init(_ configuration: AgentConfiguration, modelKeeper: any ModelKeeper, logger: Logger) {
        loop = AgentLoop(configuration, modelKeeper: modelKeeper, logger: logger)
        self.logger = logger
    }

    /// Returns after the goodbyes, or when cancelled.
    ///
    /// - Parameter stop: returns when the agent is to leave; what it throws says that there is no time for goodbyes.
    /// - Throws: before anything is said to anybody, if the configuration can't be used: an error whose description is for
    ///   people.
    package func run(until stop: @escaping @Sendable () async throws -> Void) async throws {
        let configuration = loop.configuration
        let file = configuration.managementTokenFile.map { TokenFile(path: $0) }
        let token = try ManagementToken(
            configuration.managementToken,
            inFile: file.map { file in { @Sendable () throws -> String in try file.token() } },
            logger: logger
        )
        try await loop.run(loop.speakers(showing: token, over: URLSessionTransport()), until: stop)
    }
}
