import ArgumentParser
import Balancer
import LlamaServer

struct BalancerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balancer",
        abstract: "Receive agents' reports and proxy requests to servers with an idle slot.",
        discussion: """
            Two listeners: clients use the reverse proxy, agents and operators use the management address. \
            SIGTERM or SIGINT lets running answers end first; a second one ends at once.
            """
    )

    @OptionGroup(title: "Listeners")
    var listeners: ListenerOptions

    @OptionGroup(title: "Queue and limits")
    var limits: LimitOptions

    @OptionGroup(title: "Logging")
    var logging: LoggingOptions

    func validate() throws {
        try FlagValueError.asUsageError { () throws(FlagValueError) in _ = try configuration() }
    }

    func run() async throws {
        let logger = logging.start(label: "paddler.balancer")
        let service = BalancerService(configuration: try configuration(), logger: logger)
        try await ProcessLife(logger: logger).run(service)
    }

    func configuration() throws(FlagValueError) -> BalancerConfiguration {
        var configuration = BalancerConfiguration(version: Version.current)
        configuration.management = try listeners.management(or: configuration.management)
        configuration.reverseProxy = try listeners.reverseProxy(or: configuration.reverseProxy)
        guard configuration.management != configuration.reverseProxy || configuration.management.port == 0 else {
            throw FlagValueError(
                "both listeners are to use \(configuration.management); choose another --management-port or --reverseproxy-port"
            )
        }
        try limits.apply(to: &configuration)
        return configuration
    }
}
