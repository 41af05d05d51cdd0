import Balancer
import LlamaServer
import Logging
import ServiceLifecycle

/// llama-servers, their agents and a balancer. When they are to stop, the balancer brings its answers to their end, then the agents
/// say goodbye, then the llama-servers end.
struct ServeService: Service {
    let configuration: ServeConfiguration
    let models: ServedModels
    let environment: [String: String]
    let logger: Logger
    let onListening: @Sendable () -> Void
    /// Called once, when requests are answered, or will be after a load.
    let onReady: @Sendable (ListeningAddresses) -> Void

    func run() async throws {
        let parts = models.services(configuration, environment: environment, logger: logger, onReady: onReady)
        let (forServers, tellServers) = AsyncStream.makeStream(of: ListeningAddresses.self)
        let (forAgents, tellAgents) = AsyncStream.makeStream(of: ListeningAddresses.self)
        let servers = AfterListening(addresses: forServers) { _ in try await parts.servers.run() }
        let agents = AfterListening(addresses: forAgents) { addresses in try await parts.agents(addresses).run() }
        // None is of use without the others.
        let companions = [(servers as any Service, "llama-server"), (agents, "agent")].map { service, name in
            ServiceGroupConfiguration.ServiceConfiguration(
                service: service,
                failureTerminationBehavior: .gracefullyShutdownGroup,
                serviceName: name
            )
        }
        try await BalancerService(
            configuration: configuration.balancer,
            companions: companions,
            logger: logger,
            onListening: { addresses in
                onListening()
                tellServers.yield(addresses)
                tellAgents.yield(addresses)
            }
        ).run()
    }
}
