import Accelerators
import ArgumentParser
import Balancer
import LlamaServer
import LogLines
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct ServeCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve models on this machine: llama-server, its agent and a balancer in one command.",
        discussion: """
            paddler serve -m model.gguf starts the llama-server on the PATH, starts it again if it crashes, and prints where \
            the model is served. What stands behind a -- is passed to llama-server: paddler serve -m model.gguf -- -np 4 \
            -c 32768. Of several models, each is loaded when requests ask for it: paddler serve --models DIR. Ctrl-C stops \
            everything.
            """
    )

    static let settings = ServeSettings.all

    @OptionGroup(title: "Models")
    var serve: ServeFlags

    @OptionGroup(title: "Listeners")
    var listeners: ServeListenerFlags

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

    var given: [GivenText] {
        serve.given + listeners.given + limits.given + timeouts.given + access.given + requests.given + statsD.given
            + logging.given
    }

    func run() async throws {
        let settings = try settings()
        guard !configurationFlags.prints else { return try printConfiguration(settings) }
        var configuration = try configuration(settings)
        let logger = try LoggingChoice(settings).start(label: "paddler.serve")
        for remark in settings.remarks { logger.warning("\(remark)") }
        for remark in configuration.remarks { logger.warning("\(remark)") }
        let startLine = StartLine(try allPrinted(settings))
        let environment = ProcessInfo.processInfo.environment
        let models = try find(configuration, environment: environment, logger: logger)
        try await MachineHosts(logger: logger).resolve(&configuration.balancer)
        OpenManagementWarning(configuration.balancer)?.log(to: logger)
        if let descriptors = DescriptorLimit.raise() { configuration.balancer.descriptors = descriptors }
        let accelerators = AcceleratorWatch(environment: environment, logger: logger)
        configuration.accelerators = { accelerators.current }
        let chosen = configuration
        let service = ServeService(
            configuration: chosen,
            models: models,
            environment: environment,
            logger: logger,
            onListening: { startLine.log("serving a model", to: logger) },
            onReady: { addresses in
                ServiceNotification.ready.send()
                let announcement = ServeAnnouncement(chosen, at: addresses)
                StandardOutput.write(Array(announcement.text.utf8))
                if chosen.opens { Task { await WebBrowser.open(announcement.webUI) } }
            }
        )
        try await ProcessLife(logger: logger).run(accelerators.running(beside: service))
        logger.info("all is stopped")
    }

    /// - Throws: `ExitCode(1)` after one line on standard error when something is missing.
    private func find(
        _ configuration: ServeConfiguration,
        environment: [String: String],
        logger: Logger
    ) throws -> ServedModels {
        do throws(ServeFailure) {
            return try ServedModels(configuration, environment: environment, logger: logger)
        } catch {
            StandardError.say("error: \(error)")
            throw ExitCode(1)
        }
    }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try LoggingChoice(settings)
        // What is set can be looked at without a model.
        if !configurationFlags.prints { _ = try configuration(settings) }
    }

    private func configuration(_ settings: Settings) throws(FlagValueError) -> ServeConfiguration {
        try ServeConfiguration(
            settings,
            serverArguments: serve.serverArguments,
            environment: ProcessInfo.processInfo.environment
        )
    }
}

extension ServeAnnouncement {
    fileprivate init(_ configuration: ServeConfiguration, at addresses: ListeningAddresses) {
        let balancer = configuration.balancer
        let models: Models
        let hasServerKey: Bool
        switch configuration.served {
        case .single(let model):
            models = .single(model.name)
            hasServerKey = model.server.access.apiKey != nil
        case .onDemand(let hosted):
            models = .onDemand(hosted.commands.map(\.entry.name))
            hasServerKey = hosted.commands.first?.access.apiKey != nil
        }
        self.init(
            models: models,
            addresses: addresses,
            usesTLS: !balancer.reverseProxyCertificates.isEmpty,
            needsKey: !balancer.apiKeys.isEmpty || balancer.apiKeyFile != nil || balancer.tenantsFile != nil
                || hasServerKey,
            hasDashboard: balancer.enablesDashboard
        )
    }
}
