import Accelerators
import Agent
import ArgumentParser
import LlamaServer
import LogLines
import Logging
import NIOAgent
import ServiceLifecycle

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct AgentCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Watch one llama-server and report its slots to balancers, or run one for each of several models.",
        discussion: """
            Runs beside a llama-server. It tries again for as long as the server or a balancer is away. With --models, or with \
            models listed in the file of --config, it runs llama-servers itself, each when its model is wanted.
            """
    )

    static let settings = AgentSettings.all

    @OptionGroup(title: "llama-server")
    var llamaServer: LlamaServerFlags

    @OptionGroup(title: "Models that the agent loads and unloads")
    var models: ModelFlags

    @OptionGroup(title: "Balancers")
    var balancers: BalancerLinkFlags

    @OptionGroup(title: "The agent itself")
    var life: AgentLifeFlags

    @OptionGroup(title: "Configuration")
    var configurationFlags: ConfigurationFlags

    @OptionGroup(title: "Logging")
    var logging: LoggingFlags

    @OptionGroup(title: "Names in Paddler 0.10 and 1.x")
    var oldNames: OldAgentFlags

    var given: [GivenText] {
        llamaServer.given + models.given + balancers.given + life.given + logging.given + oldNames.given
    }

    func run() async throws {
        let settings = try settings()
        guard !configurationFlags.prints else { return try printConfiguration(settings) }
        let logger = try LoggingChoice(settings).start(label: "paddler.agent")
        for remark in settings.remarks { logger.warning("\(remark)") }
        let startLine = StartLine(try allPrinted(settings))
        try PlainListenerWarning(settings, [AgentSettings.statusServerScheme]).log(to: logger)
        let environment = ProcessInfo.processInfo.environment
        let models = try ModelHostConfiguration(settings, environment: environment)
        var configuration = try models == nil ? AgentConfiguration(settings) : .ofModels(settings)
        try await MachineHosts(logger: logger).resolve(&configuration)
        PlainTokenWarning(configuration)?.log(to: logger)
        let accelerators = AcceleratorWatch(environment: environment, logger: logger)
        configuration.accelerators = { accelerators.current }
        let service: any Service =
            if let models {
                try host(models, as: configuration, environment: environment, logger: logger)
            } else {
                AgentService(configuration: configuration, logger: logger)
            }
        // An agent is of use from its start: it waits for the server and the balancers as long as they take.
        try await ProcessLife(logger: logger).run(accelerators.running(beside: service)) {
            startLine.log("agent starting", to: logger)
            ServiceNotification.ready.send()
        }
    }

    /// The servers of models, and an agent for each, which leave before their servers end.
    ///
    /// - Throws: `ExitCode(1)` after one line on standard error when something is missing.
    private func host(
        _ models: ModelHostConfiguration,
        as agent: AgentConfiguration,
        environment: [String: String],
        logger: Logger
    ) throws -> any Service {
        do throws(ServeFailure) {
            let (listening, local) = Self.hosts(reachedAt: agent.external)
            let hosted = try HostedModels(models, listeningOn: listening, environment: environment, logger: logger)
            var agent = agent
            agent.local = NetworkAddress(host: local, port: agent.local.port)
            return ServiceGroup(services: [hosted.supervisor, hosted.agents(like: agent)], logger: logger)
        } catch {
            StandardError.say("error: \(error)")
            throw ExitCode(1)
        }
    }

    /// Where servers listen that balancers reach at the address, and where this machine finds them.
    private static func hosts(reachedAt external: NetworkAddress) -> (listening: String, local: String) {
        switch (external.isLoopback, external.host.contains(":")) {
        case (true, true): ("::1", "::1")
        case (true, false): ("127.0.0.1", "127.0.0.1")
        case (false, true): ("::", "::1")
        case (false, false): ("0.0.0.0", "127.0.0.1")
        }
    }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try LoggingChoice(settings)
        let models = try ModelHostConfiguration(settings, environment: ProcessInfo.processInfo.environment)
        _ = try models == nil ? AgentConfiguration(settings) : .ofModels(settings)
    }

    /// - Parameter environment: nil: the process's.
    func configuration(environment: [String: String]? = nil) throws(FlagValueError) -> AgentConfiguration {
        try AgentConfiguration(settings(environment: environment))
    }
}
