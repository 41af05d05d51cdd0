import Agent
import ArgumentParser
import LlamaServer

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Watch one llama-server and report its slots to balancers.",
        discussion: "Runs beside a llama-server. It tries again for as long as the server or a balancer is away."
    )

    @OptionGroup(title: "llama-server")
    var llamaServer: LlamaServerOptions

    @OptionGroup(title: "Balancers")
    var balancers: BalancersOptions

    @OptionGroup(title: "Logging")
    var logging: LoggingOptions

    func validate() throws {
        try FlagValueError.asUsageError { () throws(FlagValueError) in _ = try configuration() }
    }

    func run() async throws {
        let logger = logging.start(label: "paddler.agent")
        let service = AgentService(configuration: try configuration(), logger: logger)
        try await ProcessLife(logger: logger).run(service)
    }

    func configuration() throws(FlagValueError) -> AgentConfiguration {
        let local = try llamaServer.local()
        guard llamaServer.monitoringInterval.duration >= .milliseconds(100) else {
            throw FlagValueError("--monitoring-interval must be at least 100ms")
        }
        return AgentConfiguration(
            local: local,
            external: try llamaServer.external(local: local),
            management: try balancers.resolved(),
            name: balancers.name,
            apiKey: llamaServer.apiKey,
            monitoringInterval: llamaServer.monitoringInterval.duration,
            version: Version.current
        )
    }
}
