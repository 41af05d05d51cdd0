import Agent
import ArgumentParser
import LlamaServer
import Logging

struct AgentCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Watch one llama-server and report its slots to balancers.",
        discussion: "Runs beside a llama-server. It tries again for as long as the server or a balancer is away."
    )

    static let settings = AgentSettings.all

    @OptionGroup(title: "llama-server")
    var llamaServer: LlamaServerFlags

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
        llamaServer.given + balancers.given + life.given + logging.given + oldNames.given
    }

    func run() async throws {
        let settings = try settings()
        guard !configurationFlags.prints else { return try printConfiguration(settings) }
        let logger = try LoggingChoice(settings).start(label: "paddler.agent")
        for remark in settings.remarks { logger.warning("\(remark)") }
        let startLine = StartLine(try allPrinted(settings))
        try PlainListenerWarning(settings, [AgentSettings.statusServerScheme]).log(to: logger)
        var configuration = try AgentConfiguration(settings)
        try await MachineHosts(logger: logger).resolve(&configuration)
        PlainTokenWarning(configuration)?.log(to: logger)
        let service = AgentService(configuration: configuration, logger: logger)
        // An agent is of use from its start: it waits for the server and the balancers as long as they take.
        try await ProcessLife(logger: logger).run(service) {
            startLine.log("agent starting", to: logger)
            ServiceNotification.ready.send()
        }
    }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try LoggingChoice(settings)
        _ = try AgentConfiguration(settings)
    }

    /// - Parameter environment: nil: the process's.
    func configuration(environment: [String: String]? = nil) throws(FlagValueError) -> AgentConfiguration {
        try AgentConfiguration(settings(environment: environment))
    }
}
