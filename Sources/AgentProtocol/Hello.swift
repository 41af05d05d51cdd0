public import LlamaServer

/// Who an agent is, and for which llama-server it speaks.
public struct Hello: Hashable, Sendable {
    public var agentVersion: String
    /// What people call it.
    public var name: String?
    /// Where the balancer reaches the llama-server.
    public var address: NetworkAddress
    /// The longest time that passes without a report while all is well.
    public var heartbeatIntervalMilliseconds: Int
    public var protocolVersion: Int

    public init(
        agentVersion: String,
        name: String? = nil,
        address: NetworkAddress,
        heartbeatIntervalMilliseconds: Int,
        protocolVersion: Int = AgentConnection.protocolVersion
    ) {
        self.agentVersion = agentVersion
        self.name = name
        self.address = address
        self.heartbeatIntervalMilliseconds = heartbeatIntervalMilliseconds
        self.protocolVersion = protocolVersion
    }

    /// Itself, if it makes sense and is of a version that is understood.
    @discardableResult
    public func validated() throws(ReportError) -> Hello {
        guard protocolVersion == AgentConnection.protocolVersion else {
            throw .unknownVersion(protocolVersion)
        }
        guard ReportLimits.heartbeatMilliseconds ~= heartbeatIntervalMilliseconds else {
            throw .outOfRange("heartbeat_interval_ms", "\(heartbeatIntervalMilliseconds)")
        }
        try ReportLimits.check(agentVersion, "agent_version")
        try ReportLimits.check(name, "name")
        return self
    }
}

extension Hello: Codable {
    enum CodingKeys: String, CodingKey {
        case agentVersion = "agent_version"
        case name
        case address
        case heartbeatIntervalMilliseconds = "heartbeat_interval_ms"
        case protocolVersion = "protocol_version"
    }
}
