import ArgumentParser
import Balancer
import FleetMetrics
import LlamaServer
import LogLines
import Logging

struct BalancerCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "balancer",
        abstract: "Receive agents' reports and proxy requests to servers with an idle slot.",
        discussion: """
            Two listeners: clients use the reverse proxy, agents and operators use the management address. \
            SIGTERM or SIGINT lets running answers end first; a second one ends at once.
            """
    )

    static let settings = BalancerSettings.all

    @OptionGroup(title: "Listeners")
    var listeners: ListenerFlags

    @OptionGroup(title: "llama-servers")
    var upstreams: UpstreamFlags

    @OptionGroup(title: "Queue and limits")
    var limits: LimitFlags

    @OptionGroup(title: "Timeouts")
    var timeouts: TimeoutFlags

    @OptionGroup(title: "Access")
    var access: AccessFlags

    @OptionGroup(title: "Records of requests")
    var requests: RequestFlags

    @OptionGroup(title: "StatsD")
    var statsD: StatsDFlags

    @OptionGroup(title: "Configuration")
    var configurationFlags: ConfigurationFlags

    @OptionGroup(title: "Logging")
    var logging: LoggingFlags

    @OptionGroup(title: "Names in Paddler 0.10")
    var oldNames: OldBalancerFlags

    var given: [GivenText] {
        listeners.given + upstreams.given + limits.given + timeouts.given + access.given + requests.given + statsD.given
            + logging.given + oldNames.given
    }

    func run() async throws {
        let settings = try settings()
        guard !configurationFlags.prints else { return try printConfiguration(settings) }
        let logger = try LoggingChoice(settings).start(label: "paddler.balancer")
        for remark in settings.remarks { logger.warning("\(remark)") }
        let startLine = StartLine(try allPrinted(settings))
        var configuration = try BalancerConfiguration(settings)
        let plain = [
            (BalancerSettings.reverseProxyScheme, configuration.reverseProxyCertificates),
            (BalancerSettings.managementScheme, configuration.managementCertificates),
        ].filter(\.1.isEmpty).map(\.0)
        try PlainListenerWarning(settings, plain, hint: "--reverseproxy-tls-cert and --management-tls-cert speak TLS")
            .log(to: logger)
        try await MachineHosts(logger: logger).resolve(&configuration)
        OpenManagementWarning(configuration)?.log(to: logger)
        OpenPickerWarning(configuration)?.log(to: logger)
        if let descriptors = DescriptorLimit.raise() { configuration.descriptors = descriptors }
        let service = BalancerService(
            configuration: configuration,
            logger: logger,
            onReady: {
                startLine.log("balancer started", to: logger)
                ServiceNotification.ready.send()
                ProgramText.release()
            }
        )
        try await ProcessLife(logger: logger).run(service)
        logger.info("balancer stopped")
    }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try LoggingChoice(settings)
        _ = try BalancerConfiguration(settings)
    }

    /// - Parameter environment: nil: the process's.
    func configuration(environment: [String: String]? = nil) throws(FlagValueError) -> BalancerConfiguration {
        try BalancerConfiguration(settings(environment: environment))
    }
}
