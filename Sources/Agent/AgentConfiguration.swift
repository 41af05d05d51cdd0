public import AgentProtocol
public import LlamaServer

/// What an agent watches and to whom it reports.
public struct AgentConfiguration: Sendable {
    /// Where the agent reaches its llama-server.
    public var local: NetworkAddress
    /// Where balancers reach it.
    public var external: NetworkAddress
    /// The balancers' management addresses. Each is reported to by itself; none: only ``agentCheck`` tells of the server.
    public var management: [NetworkAddress]
    /// What people call this llama-server.
    public var name: String?
    /// The llama-server's `--api-key`. Sent to it alone, never logged.
    public var apiKey: String?
    /// What its llama-server wants in front of each path, from the agent and from balancers.
    public var pathPrefix: PathPrefix?
    /// How many times as much balancers may give its llama-server as one of weight 1, 1...256.
    public var weight = 1
    /// Whose memory its llama-server shares, if its model is loaded and unloaded.
    public var host: Host?
    /// Whether the agent speaks TLS to its llama-server.
    public var localUsesTLS = false
    /// Whether balancers have to speak TLS to it.
    public var externalUsesTLS = false
    /// Whether balancers' management addresses are spoken to by TLS.
    public var managementUsesTLS = false
    /// A PEM file of certificates to trust, beside the system's, in all of these.
    public var caFile: String?
    /// What balancers ask of agents (their `--management-token`). Never logged.
    public var managementToken: String?
    /// A file whose first key is that token, read once, at the start.
    public var managementTokenFile: String?
    /// What balancers are shown that ask for a certificate (their `--management-client-ca`); read for each connection.
    public var managementCertificate: ManagementCertificateFiles?
    /// The key that balancers are to put on requests to this llama-server. Sent to them alone, never logged.
    public var upstreamAPIKey: String?
    /// How balancers are spoken to.
    public var dialect = AgentDialect.current
    /// How long running requests get to end, after the agent was told to stop and before it leaves.
    public var drainTimeout: Duration = .seconds(30)
    /// Where the agent answers `GET /health` itself; nil: nowhere.
    public var statusServer: NetworkAddress?
    /// Where the agent tells an HAProxy how many slots are free to it; nil: nowhere.
    public var agentCheck: NetworkAddress?
    /// How often to look at the slots without a reason while something runs in them; while nothing does, it becomes rarer,
    /// so that llama-server may fall asleep. More than a second passes between two looks: llama-server
    /// notices that a client has gone only when it is left in peace for that long.
    public var monitoringInterval: Duration
    /// For how long nothing may move in the busy slots before the llama-server counts as stuck; 0: for ever.
    public var stuckAfter: Duration = .seconds(600)
    /// How often to ask for the health, and how long to wait for it.
    public var healthInterval: Duration
    /// How often to report when nothing happens, which also shows that a connection is alive.
    public var heartbeatInterval: Duration
    /// What is known at a moment of the machine's accelerators; nil: nothing. Asked after each look at the llama-server.
    public var accelerators: @Sendable () -> [Accelerator]? = { nil }
    /// Told to balancers.
    public var version: String

    public init(
        local: NetworkAddress,
        external: NetworkAddress,
        management: [NetworkAddress],
        name: String? = nil,
        apiKey: String? = nil,
        monitoringInterval: Duration = .seconds(5),
        healthInterval: Duration = .seconds(1),
        heartbeatInterval: Duration = .seconds(2),
        version: String = "unknown"
    ) {
        self.local = local
        self.external = external
        self.management = management
        self.name = name
        self.apiKey = apiKey
        self.monitoringInterval = monitoringInterval
        self.healthInterval = healthInterval
        self.heartbeatInterval = heartbeatInterval
        self.version = version
    }
}

/// Whoever prints or reflects upon a configuration, as frameworks do with what they run, sees that there is a key, and
/// not the key.
extension AgentConfiguration: CustomStringConvertible, CustomReflectable {
    public var description: String {
        "agent of \(local), reporting \(external) to \(management.map(\.description).joined(separator: ", "))"
    }

    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "local": local,
                "external": external,
                "management": management,
                "name": name as Any,
                "apiKey": apiKey == nil ? "none" : "hidden",
                "managementToken": managementToken == nil ? "none" : "hidden",
                "managementTokenFile": managementTokenFile as Any,
                "managementCertificate": managementCertificate == nil ? "none" : "given",
                "upstreamAPIKey": upstreamAPIKey == nil ? "none" : "hidden",
                "pathPrefix": pathPrefix as Any,
                "weight": weight,
                "host": host as Any,
                "localUsesTLS": localUsesTLS,
                "externalUsesTLS": externalUsesTLS,
                "managementUsesTLS": managementUsesTLS,
                "caFile": caFile as Any,
                "dialect": dialect,
                "drainTimeout": drainTimeout,
                "statusServer": statusServer as Any,
                "agentCheck": agentCheck as Any,
                "monitoringInterval": monitoringInterval,
                "stuckAfter": stuckAfter,
                "healthInterval": healthInterval,
                "heartbeatInterval": heartbeatInterval,
                "version": version,
            ]
        )
    }
}
