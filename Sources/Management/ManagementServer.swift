public import AccessControl
import AsyncHTTPClient
public import FleetMetrics
import Hummingbird
public import LlamaServer
public import Logging
public import NIOCore
public import RequestRecords
public import TransportSecurity
public import Usage

/// The control plane's listener: agents' connections and the operators' API.
public struct ManagementServer: Sendable {
    /// Connections that wait to be accepted: a restarted balancer hears from its whole fleet at once.
    static let maximumWaitingConnections = 4096
    /// A connection from which nothing came for this long is closed. An agent's heartbeats keep its own open; one
    /// whose machine has vanished without a word ends here.
    static let idleLimit: TimeAmount = .seconds(60)

    /// How often connections are looked through for tokens that are of no use any more.
    private static let lookInterval: Duration = .seconds(1)

    /// Where it shall listen.
    public let address: NetworkAddress
    private let certificates: ListenerCertificates?
    private let maximumConnections: Int
    /// More connections than this are never of use to a fleet of the usual size: as many agents as it has, twice, since a lost
    /// connection is replaced before its end is seen, and as many others.
    public static let usualConnections = 16384

    /// For so many agents: some of their connections are replaced before their end is seen, and there are those who ask and look on.
    public static func connections(ofAgents agents: Int) -> Int {
        agents + agents / 8 + SnapshotFeed.maximumWatchers
    }

    private let fleet: any FleetControl
    private let messages: AgentMessages
    private let isOwnListener: @Sendable (NetworkAddress) -> Bool
    private let version: String
    private let door: Door
    private let agentNames: AgentNames
    private let trustedProxies: TrustedProxies?
    private let refusals: ManagementRefusals
    private let admission: RequestAdmission
    private let dashboard: Dashboard?
    private let metrics: @Sendable () async -> MetricsReading
    private let history: HistoryRecorder
    private let requests: @Sendable () async -> RequestListing
    private let tenants: @Sendable () async -> TenantStandings
    private let askers: TenantRing?
    private let usage: @Sendable (UsageQuery) async throws -> UsageAnswer
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    /// For tests, whose clocks stand still.
    var wallClock = WallClockOffset.system

    /// - Parameters:
    ///   - address: where to listen; port 0 takes any free one.
    ///   - certificates: what it shows of itself, by TLS; nil: it speaks plain HTTP.
    ///   - maximumConnections: at one time, agents' and others'; more wait to be accepted.
    ///   - messages: through which the fleet asks agents for fresh samples.
    ///   - isOwnListener: whether this balancer itself listens at an address; no upstream is there.
    ///   - version: what agents and operators are told.
    ///   - tokens: who is let in.
    ///   - readingTokens: who is let in to read and change nothing.
    ///   - agentNames: which names agents may speak for.
    ///   - allowedOrigins: whose pages may use the API from a browser; each as `https://host:port`.
    ///   - allowedHosts: names beside its address by which browsers may know this listener while there are no tokens.
    ///   - trustedProxies: whose word on their clients counts; nil: nobody's.
    ///   - refusals: counts what is refused.
    ///   - dashboard: nil: none is served.
    ///   - metrics: what `GET /metrics` shows, at the moment of the call.
    ///   - history: what `GET /api/v1/history` shows; whoever gives it has it run.
    ///   - requests: what `GET /api/v1/requests` shows, at the moment of the call.
    ///   - tenants: what `GET /api/v1/tenants` shows, at the moment of the call.
    ///   - askers: of whom `POST /api/v1/explain` tells what would become of a request; nil: clients are all alike.
    ///   - usage: what `GET /api/v1/usage` answers; throws ``UsageQueryMistake`` and ``UsageFailure``.
    public init(
        address: NetworkAddress,
        certificates: ListenerCertificates? = nil,
        maximumConnections: Int = usualConnections,
        fleet: any FleetControl,
        messages: AgentMessages,
        isOwnListener: @escaping @Sendable (NetworkAddress) -> Bool = { _ in false },
        version: String,
        tokens: KeyRing = .open,
        readingTokens: KeyRing = .open,
        agentNames: AgentNames = .any,
        allowedOrigins: [String] = [],
        allowedHosts: [String] = [],
        trustedProxies: TrustedProxies? = nil,
        refusals: ManagementRefusals = ManagementRefusals(),
        dashboard: Dashboard? = nil,
        metrics: @escaping @Sendable () async -> MetricsReading,
        history: HistoryRecorder,
        requests: @escaping @Sendable () async -> RequestListing,
        tenants: @escaping @Sendable () async -> TenantStandings,
        askers: TenantRing? = nil,
        usage: @escaping @Sendable (UsageQuery) async throws -> UsageAnswer,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger
    ) {
        self.address = address
        self.certificates = certificates
        self.maximumConnections = maximumConnections
        self.fleet = fleet
        self.messages = messages
        self.isOwnListener = isOwnListener
        self.version = version
        self.door = Door(keys: tokens, readingKeys: readingTokens, certificates: certificates) { fleet.now() }
        self.agentNames = agentNames
        self.trustedProxies = trustedProxies
        self.refusals = refusals
        self.admission = RequestAdmission(
            names: AnsweredNames(address: address, hasTokens: tokens.isClosed, allowed: allowedHosts),
            origins: AllowedOrigins(allowedOrigins)
        )
        self.dashboard = dashboard
        self.metrics = metrics
        self.history = history
        self.requests = requests
        self.tenants = tenants
        self.askers = askers
        self.usage = usage
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
    }

    /// Listens and serves until a graceful shutdown or cancellation.
    ///
    /// - Parameter onListening: is told the actual address, once.
    /// - Throws: what the system says when the address can't be listened on.
    public func run(onListening: @escaping @Sendable (NetworkAddress) -> Void) async throws {
        guard dashboard != nil else { return try await serve(client: nil, onListening) }
        try await HTTPClient.withHTTPClient(
            eventLoopGroup: eventLoopGroup,
            configuration: DashboardChat.clientConfiguration
        ) { client in
            try await serve(client: client, onListening)
        }
    }

    /// - Parameter client: with which the dashboard tries the reverse proxy.
    private func serve(
        client: HTTPClient?,
        _ onListening: @escaping @Sendable (NetworkAddress) -> Void
    ) async throws {
        let host = address.host
        let port = address.port
        let replies = OperatorReplies(
            fleet: fleet,
            messages: messages,
            history: history,
            version: version,
            wallClock: wallClock
        )
        let feed = SnapshotFeed(replies: replies)
        let connections = ManagementConnections(
            limits: ConnectionPlaces.Limits(total: max(1, maximumConnections - max(1, maximumConnections / 32))),
            refusals: refusals,
            logger: logger
        )
        let log = AccessLog(refusals: refusals, logger: logger) { [fleet] in fleet.now() }
        let application = Application(
            responder: AnswerTasks(
                inner: KnownMethods(inner: router(replies, feed, client, connections, log).buildResponder())
            ),
            server: .init { [certificates] responder in
                GuardedChannel(
                    connections: connections,
                    certificates: certificates,
                    log: log,
                    idleLimit: Self.idleLimit,
                    responder: responder
                )
            },
            configuration: .init(
                address: .hostname(host, port: port),
                backlog: Self.maximumWaitingConnections,
                availableConnectionsDelegate: .maximum(maximumConnections, logger: quietLogger)
            ),
            onServerRunning: { channel in
                onListening(NetworkAddress(host: host, port: channel.localAddress?.port ?? port))
            },
            eventLoopGroupProvider: .shared(eventLoopGroup),
            logger: quietLogger
        )
        try await withTaskExecutorPreference(EventLoopExecutor(eventLoopGroup.next())) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await feed.run() }
                group.addTask {
                    while true {
                        try await Task.sleep(for: Self.lookInterval)
                        connections.look { door.permission(of: $0) != nil }
                    }
                }
                try await application.run()
                group.cancelAll()
            }
        }
    }

    private func router(
        _ replies: OperatorReplies,
        _ feed: SnapshotFeed,
        _ client: HTTPClient?,
        _ connections: ManagementConnections,
        _ log: AccessLog
    ) -> Router<ManagementContext> {
        let router = Router(context: ManagementContext.self, options: .autoGenerateHeadEndpoints)
        // The outermost first: a page may read why it wasn't served, too.
        router.add(middleware: AllowedOriginsMiddleware(origins: admission.origins))
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: AdmissionMiddleware(admission: admission, trustedProxies: trustedProxies, log: log))
        router.add(middleware: AccessMiddleware(door: door, log: log, connections: connections))
        OperatorRoutes(replies: replies, feed: feed).add(to: router)
        DrainRoutes(replies: replies, log: log).add(to: router)
        ModelRoutes(replies: replies, log: log).add(to: router)
        LogRoutes(fleet: fleet, messages: messages).add(to: router)
        ExplainRoutes(fleet: fleet, tenants: askers).add(to: router)
        RequestRoutes(requests: requests).add(to: router)
        TenantRoutes(standings: tenants).add(to: router)
        UsageRoutes(usage: usage, wallClock: wallClock).add(to: router)
        var login = LoginRoutes(door: door, log: log, speaksTLS: certificates != nil)
        if let dashboard, let client {
            login.landing = DashboardRoutes.landing
            DashboardRoutes(hasLogin: door.hasTokens).add(to: router)
            DashboardChat(dashboard: dashboard, client: client, fleet: fleet).add(to: router)
        } else {
            DashboardRoutes.addRefusals(to: router)
        }
        if door.hasTokens { login.add(to: router) }
        let registry = AgentRegistry(fleet: fleet, messages: messages, isOwnListener: isOwnListener)
        MetricsRoute(reading: metrics).add(to: router)
        AgentRoutes(
            registry: registry,
            fleet: fleet,
            version: version,
            door: door,
            names: agentNames,
            connections: connections,
            logger: logger
        )
        .add(to: router)
        OldAgentRoutes(
            registry: registry,
            fleet: fleet,
            door: door,
            names: agentNames,
            connections: connections,
            logger: logger
        )
        .add(to: router)
        return router
    }

    /// For Hummingbird, whose announcement of the listener would be a second one.
    private var quietLogger: Logger {
        var quiet = logger
        if quiet.logLevel == .info { quiet.logLevel = .notice }
        return quiet
    }
}
