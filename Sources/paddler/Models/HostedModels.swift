import Agent
import AgentProtocol
import LlamaServer
import Logging
import NIOAgent
import Supervision
import SupervisionRules

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The models of this machine: their servers, and an agent for each, which balancers take for agents like others.
struct HostedModels {
    let supervisor: ModelSupervisor
    private let memoryBytes: Int
    private let models: [(command: ModelCommand, port: Int)]
    private let logger: Logger

    /// - Parameter host: where the servers listen.
    /// - Throws: when something is missing.
    init(
        _ configuration: ModelHostConfiguration,
        listeningOn host: String,
        environment: [String: String],
        logger: Logger
    ) throws(ServeFailure) {
        let book = configuration.stateFolder.map { ModelBook(folder: $0, logger: logger) }
        let found = try configuration.models(listeningOn: host, book, environment: environment)
        let models = configuration.commands.map { (name: $0.entry.name, fileBytes: $0.fileBytes) }
        supervisor = ModelSupervisor(
            found.map(\.model),
            memoryBytes: configuration.memoryBytes,
            loadingSilence: configuration.loadTimeout,
            logger: logger
        ) { model, bytes in
            book?.note(bytes, of: models[model].name, fileBytes: models[model].fileBytes)
        }
        memoryBytes = configuration.memoryBytes
        self.models = zip(configuration.commands, found).map { ($0, $1.port) }
        self.logger = logger
        for number in models.indices { warn(ifTooLarge: number) }
    }

    private func warn(ifTooLarge number: Int) {
        let needed = supervisor.snapshot(of: number).model.memoryBytes
        guard needed > memoryBytes else { return }
        logger.warning(
            "the model takes more memory than there is, and is never loaded",
            metadata: [
                "model": "\(models[number].command.entry.name)", "needed": "\(needed)", "memory": "\(memoryBytes)",
            ]
        )
    }

    /// - Parameters:
    ///   - agent: what is said of all agents; its addresses' ports and its name are each model's own.
    ///   - onConnected: called once, when a balancer has heard of all models.
    func agents(like agent: AgentConfiguration, onConnected: @escaping @Sendable () -> Void = {}) -> AgentGroup {
        let connections = AllConnected(models.count, onAll: onConnected)
        let host = Host(
            id: UUID().uuidString.lowercased(),
            memoryBytes: memoryBytes,
            models: Host.fitting(models.flatMap(\.command.entry.names))
        )
        let agents = models.enumerated().map { number, model in
            var logger = logger
            let entry = model.command.entry
            logger[metadataKey: "model"] = "\(entry.name)"
            return AgentService(
                configuration: configuration(of: model.command, port: model.port, like: agent, on: host),
                modelKeeper: HostedModel(supervisor: supervisor, number: number, models: entry.names) {
                    connections.connected(number)
                },
                logger: logger
            )
        }
        return AgentGroup(agents, statusServer: agent.statusServer, logger: logger)
    }

    private func configuration(
        of command: ModelCommand,
        port: Int,
        like agent: AgentConfiguration,
        on host: Host
    ) -> AgentConfiguration {
        var agent = agent
        agent.local = NetworkAddress(host: agent.local.host, port: port)
        agent.external = NetworkAddress(host: agent.external.host, port: port)
        agent.name = agent.name.map { "\($0)/\(command.entry.name)" } ?? command.entry.name
        agent.apiKey = command.access.apiKey ?? agent.apiKey
        agent.pathPrefix = command.access.pathPrefix ?? agent.pathPrefix
        agent.host = host
        agent.statusServer = nil
        return agent
    }
}
