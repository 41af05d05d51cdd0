import AccessControl
import FleetMetrics
import LlamaServer
public import Logging
import Management
import NIOCore
import NIOPosix
import RequestRecords
import RequestTracing
import ReverseProxy
import Scheduling
public import ServiceLifecycle
import TransportSecurity
import Usage

/// The whole balancer: the scheduler, the listener for clients and the listener for agents and operators.
public struct BalancerService: Service {
    private let configuration: BalancerConfiguration
    private let companions: [ServiceGroupConfiguration.ServiceConfiguration]
    private let logger: Logger
    private let onListening: (@Sendable (ListeningAddresses) -> Void)?
    private let onReady: (@Sendable () -> Void)?

    /// - Parameters:
    ///   - companions: what ends, the last one first, when the reverse proxy has brought its answers to their end, and before
    ///     management does: servers of this process, and their agents.
    ///   - onListening: called when both listeners listen.
    ///   - onReady: called then, too; when it stands by until another balancer stops, then already.
    public init(
        configuration: BalancerConfiguration,
        companions: [ServiceGroupConfiguration.ServiceConfiguration] = [],
        logger: Logger,
        onListening: (@Sendable (ListeningAddresses) -> Void)? = nil,
        onReady: (@Sendable () -> Void)? = nil
    ) {
        self.configuration = configuration
        self.companions = companions
        self.logger = logger
        self.onListening = onListening
        self.onReady = onReady
    }

    /// Serves until a graceful shutdown or cancellation.
    ///
    /// - Throws: ``ListenFailure`` when one of the two addresses can't be listened on; ``DescriptorShortage``.
    public func run() async throws {
        let threads = configuration.threads ?? System.coreCount
        let connections = try DescriptorBudget(
            descriptors: configuration.descriptors,
            threads: threads,
            wanted: configuration.maximumConnections,
            agents: configuration.maximumAgents
        )
        // The control plane has a thread of its own, so that none of its work delays a byte of the data plane.
        let dataPlane = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let controlPlane = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Void, any Error>
        do {
            result = .success(try await serve(connections, dataPlane: dataPlane, controlPlane: controlPlane))
        } catch {
            result = .failure(error)
        }
        try? await dataPlane.shutdownGracefully()
        try? await controlPlane.shutdownGracefully()
        try result.get()
    }

    private func serve(
        _ connections: DescriptorBudget,
        dataPlane: any EventLoopGroup,
        controlPlane: any EventLoopGroup
    ) async throws {
        let clients = try KeySource(
            keys: configuration.apiKeys,
            file: configuration.apiKeyFile.map { OperatorFile(path: $0, flag: "--api-key-file") }
        )
        let tenants = try configuration.tenantsFile.map { path throws(FileFailure) in
            try TenantSource(path: path, flag: "--tenants-file")
        }
        let operators = try KeySource(
            keys: configuration.managementTokens,
            file: configuration.managementTokenFile.map { OperatorFile(path: $0, flag: "--management-token-file") }
        )
        let readers = try KeySource(
            keys: configuration.managementReadTokens,
            file: configuration.managementReadTokenFile.map {
                OperatorFile(path: $0, flag: "--management-read-token-file")
            }
        )
        let certificates = try certificates()
        let accessLog = try configuration.accessLog.map { try AccessLog(path: $0, logger: logger) }
        let usage = UsageStore(
            folder: configuration.stateFolder,
            retention: configuration.usageRetention,
            logger: logger,
            onForeign: { tenants?.ring.budgets.addForeign($0.tokens, of: $0.day) }
        )
        // Before anybody is let in: daily budgets go on where they were.
        usage.open()
        let tracedRequests = configuration.tracing.map {
            TracedRequests(sampling: $0.sampling, countingSpans: RequestSpans.count)
        }
        let messages = AgentMessages()
        let eventLog = FleetEventLog(logger: logger)
        let dispatcher = Dispatcher(
            configuration: schedulerConfiguration,
            tell: { agent, notice in
                switch notice {
                case .poll: messages.demandPoll(agent)
                case .leases: messages.leasesChanged(of: agent)
                case .prompt(let news): messages.tell(news, to: agent)
                case .drained: messages.tellDrained(agent)
                case .wish(let wish, let isOrder): messages.wish(wish, isOrder: isOrder, of: agent)
                }
            },
            onEvents: { events in
                eventLog.write(events)
                for event in events { messages.tellOwner(of: event) }
            }
        )
        let models = try configuration.modelsFile?.watched { dispatcher.setModelRules($0) }
        let announcement = ListenerAnnouncement(
            wanted: wantedListeners,
            speakTLS: Set(certificates.keys),
            logger: logger,
            onListening: onListening,
            onReady: {
                usage.announce()
                onReady?()
            }
        )

        let handover =
            configuration.sharesPorts
            ? Handover(announcement: announcement, group: controlPlane, logger: logger) : nil
        let dashboard =
            configuration.enablesDashboard
            ? Dashboard(isReverseProxySecure: certificates[.reverseProxy] != nil) {
                announcement.address(of: .reverseProxy)
            }
            : nil
        let proxy = ReverseProxyServer(
            configuration: reverseProxyConfiguration(
                certificates,
                clients.ring,
                tenants?.ring,
                dashboard,
                connections.clients,
                accessLog,
                usage,
                tracedRequests
            ),
            dispatcher: dispatcher,
            group: dataPlane,
            logger: logger
        )
        let refusals = ManagementRefusals()
        let metrics = MetricsSource(
            dispatcher: dispatcher,
            proxy: proxy,
            version: configuration.version,
            refusals: refusals,
            accessLog: accessLog,
            tracedRequests: tracedRequests,
            certificates: certificates,
            usage: usage,
            hasTenants: configuration.tenantsFile != nil || configuration.sharesByAddress,
            maximumUpstreams: configuration.metricsUpstreams
        )
        let history = HistoryRecorder(reading: metrics.readFleet)
        let management = ManagementListener(
            server: ManagementServer(
                address: configuration.management,
                certificates: certificates[.management],
                maximumConnections: connections.management,
                fleet: dispatcher,
                messages: messages,
                isOwnListener: { announcement.isOwn($0) },
                version: configuration.version,
                tokens: operators.ring,
                readingTokens: readers.ring,
                agentNames: configuration.agentNames,
                allowedOrigins: configuration.managementAllowedOrigins,
                allowedHosts: configuration.managementAllowedHosts,
                trustedProxies: configuration.trustedProxies,
                refusals: refusals,
                dashboard: dashboard,
                metrics: metrics.read,
                history: history,
                requests: { await proxy.requests() },
                tenants: { await proxy.standings() },
                askers: tenants?.ring,
                usage: { try await usage.answer($0) },
                eventLoopGroup: controlPlane,
                logger: logger
            ),
            announcement: announcement,
            handover: handover
        )
        let reverseProxy = ReverseProxyListener(
            server: proxy,
            announcement: announcement,
            handover: handover
        )
        // Shut down in reverse: agents can report for as long as the proxy has answers to bring to their end, and
        // what happens until then is still measured.
        let watched =
            [clients.watched, tenants?.watched, operators.watched, readers.watched, models].compactMap(\.self)
            + Listener.allCases.flatMap { certificates[$0]?.watched ?? [] }
        var services = [
            Self.part("files", FileWatch(sources: watched, logger: logger)),
            Self.part("history", history),
            Self.part("management", management),
        ]
        services += companions
        services.append(Self.part("reverse proxy", reverseProxy))
        if let statsD = configuration.statsD {
            let reporter = StatsDReporter(
                configuration: statsD,
                group: controlPlane,
                logger: logger,
                reading: metrics.read
            )
            services.insert(Self.part("StatsD", reporter), at: 0)
        }
        // The last to end: what happens until then is kept and told.
        services.insert(Self.part("usage", usage), at: 0)
        if let tracing = configuration.tracing, let tracedRequests {
            let exporter = SpanExporter(
                configuration: tracing,
                requests: tracedRequests,
                resource: TraceResource(
                    version: configuration.version,
                    random: (.random(in: 0 ... .max), .random(in: 0 ... .max))
                ),
                group: controlPlane,
                logger: logger
            )
            services.insert(Self.part("tracing", exporter), at: 0)
        }
        if let accessLog { services.insert(Self.part("access log", AccessLogService(log: accessLog)), at: 0) }
        try await ServiceGroup(configuration: .init(services: services, logger: logger)).run()
    }

    /// Neither listener is of use without the other: when one fails, the other ends as if the balancer was stopped.
    private static func part(
        _ name: String,
        _ service: any Service
    ) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(service: service, failureTerminationBehavior: .gracefullyShutdownGroup, serviceName: name)
    }

    private var wantedListeners: [Listener: NetworkAddress] {
        var wanted = [Listener.management: configuration.management, .reverseProxy: configuration.reverseProxy]
        wanted[.endpointPicker] = configuration.picker
        return wanted
    }

    private var schedulerConfiguration: Scheduler.Configuration {
        var scheduler = Scheduler.Configuration()
        scheduler.maximumQueued = configuration.maximumQueued
        scheduler.queueTimeout = configuration.queueTimeout
        scheduler.slotlessTimeout = configuration.slotlessTimeout
        scheduler.maximumExpectedWait = configuration.maximumExpectedWait
        scheduler.classPatience = configuration.classPatience
        scheduler.maximumUpstreams = configuration.maximumAgents
        scheduler.lostMemory = configuration.lostMemory
        scheduler.strictModels = configuration.strictModels
        scheduler.defaultModel = configuration.defaultModel
        scheduler.balance = configuration.balance
        scheduler.maximumAttempts = configuration.maximumAttemptsAfterSend
        return scheduler
    }

    /// Of listeners that are to speak TLS.
    private func certificates() throws(FileFailure) -> [Listener: ListenerCertificates] {
        var certificates: [Listener: ListenerCertificates] = [:]
        for (listener, files, clients) in [
            (Listener.reverseProxy, configuration.reverseProxyCertificates, nil),
            (.management, configuration.managementCertificates, configuration.managementClientAuthorities),
            (.endpointPicker, configuration.pickerCertificates, configuration.pickerClientAuthorities),
        ] where !files.isEmpty {
            let protocols =
                switch listener {
                case .reverseProxy: ReverseProxyConfiguration.protocols
                case .endpointPicker: ReverseProxyConfiguration.pickerProtocols
                case .management: ["http/1.1"]
                }
            certificates[listener] = try ListenerCertificates(files, clientAuthorities: clients, protocols: protocols)
        }
        return certificates
    }

    private func reverseProxyConfiguration(
        _ certificates: [Listener: ListenerCertificates],
        _ clients: KeyRing,
        _ tenants: TenantRing?,
        _ dashboard: Dashboard?,
        _ maximumConnections: Int,
        _ accessLog: AccessLog?,
        _ usage: UsageStore,
        _ tracedRequests: TracedRequests?
    ) -> ReverseProxyConfiguration {
        var proxy = ReverseProxyConfiguration(address: configuration.reverseProxy)
        proxy.certificates = certificates[.reverseProxy]
        proxy.picker = configuration.picker
        proxy.pickerCertificates = certificates[.endpointPicker]
        proxy.speaksHTTP2WithoutTLS = configuration.speaksHTTP2WithoutTLS
        proxy.maximumConnections = maximumConnections
        proxy.sharesPort = configuration.sharesPorts
        proxy.maximumBodyBytes = configuration.maximumBodyBytes
        proxy.maximumBufferedBytes = configuration.maximumBufferedBytes
        proxy.minimumBodyRate = configuration.minimumBodyRate
        proxy.timeouts = configuration.timeouts
        proxy.maximumAttemptsAfterSend = configuration.maximumAttemptsAfterSend
        proxy.keepAliveAfter = configuration.keepAliveAfter
        proxy.tellsLoading = configuration.tellsLoading
        proxy.clientKeys = clients
        proxy.tenants = tenants
        if configuration.sharesByAddress, tenants == nil { proxy.addressTenants = SharedAddressTenants() }
        if let dashboard { proxy.traceKeys = KeySet([dashboard.traceKey]) }
        proxy.explainsAnswers = configuration.explainsAnswers
        proxy.accessLog = accessLog
        proxy.usage = usage
        proxy.tracedRequests = tracedRequests
        proxy.tellsServerTiming = configuration.tellsServerTiming
        proxy.sessionNaming = configuration.sessionNaming
        proxy.rewritesHostHeader = configuration.rewritesHostHeader
        proxy.upstreamAPIKey = configuration.upstreamAPIKey
        proxy.upstreamCAFile = configuration.upstreamCAFile
        if let trusted = configuration.trustedProxies { proxy.trustedProxies = trusted }
        proxy.expectsProxyHeader = configuration.expectsProxyHeader
        if configuration.enablesSlotsEndpoint { proxy.openEndpoints.insert(.slots) }
        if configuration.enablesStreamsEndpoint { proxy.openEndpoints.insert(.streams) }
        if configuration.enablesAdminEndpoints { proxy.openEndpoints.insert(.administration) }
        return proxy
    }
}
