import Agent
import Balancer
import LlamaServer
import Logging
import NIOAgent
import ServiceLifecycle
import Supervision

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `paddler serve` runs beside its balancer, found on this machine.
enum ServedModels {
    /// - Parameters:
    ///   - program: llama-server's.
    ///   - port: where it listens.
    case single(SingleModel, program: String, port: Int)
    case onDemand(HostedModels)

    /// - Throws: when something is missing.
    init(_ configuration: ServeConfiguration, environment: [String: String], logger: Logger) throws(ServeFailure) {
        switch configuration.served {
        case .single(let model):
            let program = try ServerProgram.find(named: model.llamaServer, on: environment["PATH"])
            if let file = model.server.model { try ServerProgram.check(model: file) }
            guard let port = FreePort.find(1).first else { throw .noPort }
            self = .single(model, program: program, port: port)
        case .onDemand(let models):
            self = .onDemand(
                try HostedModels(models, listeningOn: "127.0.0.1", environment: environment, logger: logger)
            )
        }
    }

    /// What runs the servers, and what speaks for them to the balancer, which listens at an address that isn't known before.
    ///
    /// - Parameter onReady: called once, when requests are answered, or will be after a load.
    func services(
        _ configuration: ServeConfiguration,
        environment: [String: String],
        logger: Logger,
        onReady: @escaping @Sendable (ListeningAddresses) -> Void
    ) -> (servers: any Service, agents: @Sendable (ListeningAddresses) -> any Service) {
        switch self {
        case .single(let model, let program, let port):
            let output = ServerOutput(
                file: model.logFile.map { ServerLogFile(path: $0, logger: logger) }
            )
            let supervisor = ServerSupervisor(
                name: "llama-server",
                launch: ServerLaunch(
                    program: program,
                    arguments: model.server.all(port: port),
                    environment: ServerEnvironment.inherited(from: environment),
                    port: port
                ),
                output: output,
                loadingSilence: model.loadTimeout,
                logger: logger
            )
            return (
                supervisor,
                { addresses in
                    AgentService(
                        configuration: configuration.agent(port: port, management: addresses.management),
                        keeper: SupervisedServer(supervisor, output: output) { onReady(addresses) },
                        logger: logger
                    )
                }
            )
        case .onDemand(let models):
            return (
                models.supervisor,
                { addresses in
                    let agent = configuration.agent(port: 0, management: addresses.management)
                    return models.agents(like: agent) { onReady(addresses) }
                }
            )
        }
    }
}
