import AccessControl
public import Agent
public import Logging
public import ServiceLifecycle
import UnixSignals

/// Watches one llama-server and reports its slots to balancers, for as long as it runs.
///
/// On a graceful shutdown it leaves as ``AgentLoop`` does when told to stop.
public struct AgentService: Service {
    private let loop: AgentLoop
    private let logger: Logger

    /// - Parameter keeper: who runs the llama-server, if that is this process.
    public init(configuration: AgentConfiguration, keeper: (any ServerKeeper)? = nil, logger: Logger) {
        loop = AgentLoop(configuration, keeper: keeper, logger: logger)
        self.logger = logger
    }

    /// - Parameter modelKeeper: who runs the llama-server while its model is loaded.
    public init(configuration: AgentConfiguration, modelKeeper: any ModelKeeper, logger: Logger) {
        loop = AgentLoop(configuration, modelKeeper: modelKeeper, logger: logger)
        self.logger = logger
    }

    private var configuration: AgentConfiguration { loop.configuration }

    /// - Throws: before anything is said to anybody, if the configuration can't be used: an error whose description is for
    ///   people.
    public func run() async throws {
        let tls = try TrustedCertificates.configuration(caFile: configuration.caFile)
        let token = try managementToken()
        let certificate = try configuration.managementCertificate.map { files throws(FileFailure) in
            try ManagementCertificate(files, logger: logger)
        }
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let speakers = try loop.speakers(showing: token, over: NIOTransport(tls: tls, certificate: certificate))
        let statusServer = try await AgentListener.status(on: configuration.statusServer, logger: logger) {
            overview.json
        }
        let agentCheck = try await AgentListener.agentCheck(on: configuration.agentCheck, logger: logger) {
            AgentCheckAnswer(loop.state, leases: speakers.leasesOfBalancers)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { await read(token, certificate, againOn: hangups) }
            group.addTask { try await loop.run(speakers) { try await gracefulShutdown() } }
            // The signals don't end before the task is cancelled.
            try await group.next()
            group.cancelAll()
        }
        await agentCheck?.close()
        await statusServer?.close()
    }

    private func managementToken() throws -> ManagementToken {
        guard let path = configuration.managementTokenFile else {
            return try ManagementToken(configuration.managementToken, logger: logger)
        }
        let file = OperatorFile(path: path, flag: "--management-token-file")
        return try ManagementToken(nil, inFile: { try file.firstKey() }, logger: logger)
    }

    /// What it sees and does at this moment.
    var overview: AgentOverview { AgentOverview(loop.state, of: configuration) }

    /// SIGHUP must not end the process. Returns when cancelled.
    private func read(
        _ token: ManagementToken,
        _ certificate: ManagementCertificate?,
        againOn hangups: UnixSignalsSequence
    ) async {
        for await _ in hangups {
            certificate?.readAgain()
            token.readAgain(isAlone: certificate == nil)
        }
    }
}

extension AgentService: CustomStringConvertible {
    /// Written by the service group into its log.
    public var description: String {
        configuration.description
    }
}
