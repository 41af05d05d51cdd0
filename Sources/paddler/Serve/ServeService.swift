import Agent
import Balancer
import LlamaServer
import Logging
import ServiceLifecycle
import Supervision

/// A llama-server, its agent and a balancer. When they are to stop, the balancer brings its answers to their end, then the agent
/// says goodbye, then llama-server ends.
struct ServeService: Service {
    let configuration: ServeConfiguration
    /// llama-server's program.
    let program: String
    /// Where it listens.
    let port: Int
    let logger: Logger
    let onListening: @Sendable () -> Void
    /// Called once, when requests are answered.
    let onReady: @Sendable (ListeningAddresses) -> Void

    func run() async throws {
        let supervisor = ServerSupervisor(
            name: "llama-server",
            launch: ServerLaunch(
                program: program,
                arguments: configuration.server.all(port: port),
                environment: ServerEnvironment.inherited
            ),
            loadingSilence: configuration.loadTimeout,
            logger: logger
        )
        let (forServer, tellServer) = AsyncStream.makeStream(of: ListeningAddresses.self)
        let (forAgent, tellAgent) = AsyncStream.makeStream(of: ListeningAddresses.self)
        let server = AfterListening(addresses: forServer) { _ in try await supervisor.run() }
        let agent = AfterListening(addresses: forAgent) { addresses in
            try await AgentService(
                configuration: configuration.agent(port: port, management: addresses.management),
                keeper: SupervisedServer(supervisor) { onReady(addresses) },
                logger: logger
            ).run()
        }
        // None is of use without the others.
        let companions = [(server as any Service, "llama-server"), (agent, "agent")].map { service, name in
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
                tellServer.yield(addresses)
                tellAgent.yield(addresses)
            }
        ).run()
    }
}
