public import LlamaServer

/// Who an agent is, and for which llama-server it speaks.
public struct Hello: Hashable, Sendable {
    public var agentVersion: String
    /// What people call it.
    public var name: String?
    /// Where the balancer reaches the llama-server.
    public var address: NetworkAddress
    /// Whether the balancer has to speak TLS to it.
    public var usesTLS: Bool
    /// The key that the balancer is to show it with each request; taken only over a connection that the balancer has
    /// authenticated.
    public var apiKey: String?
    /// What the llama-server wants in front of each path. Balancers that don't know it refuse the hello by its version.
    public var pathPrefix: PathPrefix?
    /// How many times as much it may be given as a server of weight 1, 1...256; nil: as much. Balancers that don't know it
    /// give each server the same.
    public var weight: Int?
    /// Whose memory its llama-server shares; nil: nobody loads and unloads it. Balancers that don't know it send requests only
    /// while it is loaded.
    public var host: Host?
    /// Whether it can be asked for the log of its llama-server; nil: an older agent, which knows no such question.
    public var tellsLog: Bool?
    /// Whether it has other balancers, and tells each how many leases those have; nil: it has none, or is older and knows no
    /// such thing.
    public var sharesLeases: Bool?
    /// Whether it has other balancers, and tells each of the prompts of those that have its seed; nil: it has none, or is older
    /// and knows no such thing.
    public var sharesPrompts: Bool?
    /// The longest time that passes without a report while all is well.
    public var heartbeatIntervalMilliseconds: Int
    public var protocolVersion: Int

    public init(
        agentVersion: String,
        name: String? = nil,
        address: NetworkAddress,
        usesTLS: Bool = false,
        apiKey: String? = nil,
        pathPrefix: PathPrefix? = nil,
        weight: Int? = nil,
        host: Host? = nil,
        tellsLog: Bool? = nil,
        sharesLeases: Bool? = nil,
        sharesPrompts: Bool? = nil,
        heartbeatIntervalMilliseconds: Int,
        protocolVersion: Int? = nil
    ) {
        self.agentVersion = agentVersion
        self.name = name
        self.address = address
        self.usesTLS = usesTLS
        self.apiKey = apiKey
        self.pathPrefix = pathPrefix
        self.weight = weight
        self.host = host
        self.tellsLog = tellsLog
        self.sharesLeases = sharesLeases
        self.sharesPrompts = sharesPrompts
        self.heartbeatIntervalMilliseconds = heartbeatIntervalMilliseconds
        self.protocolVersion = protocolVersion ?? (pathPrefix == nil ? 1 : 2)
    }

    /// Itself, if it makes sense and is of a version that is understood.
    @discardableResult
    public func validated() throws(ReportError) -> Hello {
        guard AgentConnection.protocolVersions ~= protocolVersion else {
            throw .unknownVersion(protocolVersion)
        }
        guard ReportLimits.heartbeatMilliseconds ~= heartbeatIntervalMilliseconds else {
            throw .outOfRange("heartbeat_interval_ms", "\(heartbeatIntervalMilliseconds)")
        }
        if let weight, !(ReportLimits.weight ~= weight) { throw .outOfRange("weight", "\(weight)") }
        try host?.validate()
        try ReportLimits.check(agentVersion, "agent_version")
        try ReportLimits.check(name, "name")
        try ReportLimits.check(apiKey, "api_key")
        if let apiKey, !apiKey.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) {
            throw .outOfRange("api_key", "a character in it cannot stand in a header field")
        }
        return self
    }
}

extension Hello: Codable {
    enum CodingKeys: String, CodingKey {
        case agentVersion = "agent_version"
        case name
        case address
        case usesTLS = "uses_tls"
        case apiKey = "api_key"
        case pathPrefix = "path_prefix"
        case weight
        case host
        case tellsLog = "tells_log"
        case sharesLeases = "shares_leases"
        case sharesPrompts = "shares_prompts"
        case heartbeatIntervalMilliseconds = "heartbeat_interval_ms"
        case protocolVersion = "protocol_version"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        agentVersion = try container.decode(String.self, forKey: .agentVersion)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        address = try container.decode(NetworkAddress.self, forKey: .address)
        usesTLS = try container.decodeIfPresent(Bool.self, forKey: .usesTLS) ?? false
        apiKey = try container.decodeIfPresent(String.self, forKey: .apiKey)
        pathPrefix = try container.decodeIfPresent(PathPrefix.self, forKey: .pathPrefix)
        weight = try container.decodeIfPresent(Int.self, forKey: .weight)
        host = try container.decodeIfPresent(Host.self, forKey: .host)
        tellsLog = try container.decodeIfPresent(Bool.self, forKey: .tellsLog)
        sharesLeases = try container.decodeIfPresent(Bool.self, forKey: .sharesLeases)
        sharesPrompts = try container.decodeIfPresent(Bool.self, forKey: .sharesPrompts)
        heartbeatIntervalMilliseconds = try container.decode(Int.self, forKey: .heartbeatIntervalMilliseconds)
        protocolVersion = try container.decode(Int.self, forKey: .protocolVersion)
    }
}

/// Whoever prints or reflects upon a hello sees that there is a key, and not the key.
extension Hello: CustomStringConvertible, CustomReflectable {
    public var description: String { "hello of \(name ?? "an agent without a name"), \(address)" }

    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "agentVersion": agentVersion,
                "name": name as Any,
                "address": address,
                "usesTLS": usesTLS,
                "apiKey": apiKey == nil ? "none" : "hidden",
                "pathPrefix": pathPrefix as Any,
                "weight": weight as Any,
                "host": host as Any,
                "tellsLog": tellsLog as Any,
                "sharesLeases": sharesLeases as Any,
                "sharesPrompts": sharesPrompts as Any,
                "heartbeatIntervalMilliseconds": heartbeatIntervalMilliseconds,
                "protocolVersion": protocolVersion,
            ]
        )
    }
}
