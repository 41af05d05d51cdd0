import Agent
import LlamaServer
import ProgramLife

extension AgentConfiguration {
    init(_ settings: Settings) throws(FlagValueError) {
        let agentCheck = try settings.addresses(AgentSettings.agentCheck)
        let management = try settings.addresses(AgentSettings.management)
        self.init(
            local: try settings.address(AgentSettings.local),
            external: try settings.address(AgentSettings.external),
            // Who stays with an HAProxy has no balancer at the address that applies to everybody else.
            management: agentCheck.isGiven && !management.isGiven ? [] : management.all,
            name: try settings.value(AgentSettings.name),
            apiKey: try settings.value(AgentSettings.apiKey),
            monitoringInterval: try settings.value(AgentSettings.monitoringInterval).duration,
            version: Version.current
        )
        pathPrefix = try settings.value(AgentSettings.pathPrefix)
        localUsesTLS = try settings.value(AgentSettings.localScheme) == .https
        externalUsesTLS = try settings.value(AgentSettings.externalScheme) == .https
        managementUsesTLS = try settings.value(AgentSettings.managementScheme) == .https
        caFile = try settings.value(AgentSettings.caFile)
        managementCertificate = try SharedSettings.certificateFiles(settings, usesTLS: managementUsesTLS)
        upstreamAPIKey = try settings.value(AgentSettings.upstreamAPIKey)
        try setToken(settings)
        weight = try settings.value(AgentSettings.weight)
        stuckAfter = try settings.value(AgentSettings.stuckAfter).duration
        dialect = try settings.value(AgentSettings.dialect)
        guard dialect == .current || pathPrefix == nil && external.socketPath == nil else {
            throw FlagValueError(
                "balancers of Paddler \(dialect.rawValue) know neither path prefixes nor sockets: use a balancer of this "
                    + "version, or let llama-server listen on a TCP port without --api-prefix"
            )
        }
        drainTimeout = try settings.value(AgentSettings.drainTimeout).duration
        let status = try settings.addresses(AgentSettings.statusServer)
        statusServer = status.isGiven ? status.first : nil
        self.agentCheck = agentCheck.isGiven ? agentCheck.first : nil
        guard statusServer == nil || statusServer != self.agentCheck || status.port.value == 0 else {
            throw FlagValueError("two listeners are to use [\(status.first)]; choose another --agent-check-port")
        }
    }

    /// What is said of the agents of several models.
    static func ofModels(_ settings: Settings) throws(FlagValueError) -> AgentConfiguration {
        let configuration = try AgentConfiguration(settings)
        let own = "llama-servers that the agent runs itself have ports of their own"
        let local = try settings.addresses(AgentSettings.local)
        if let label = local.host.label ?? local.port.label {
            throw FlagValueError("\(label): \(own); leave it out")
        }
        if let label = try settings.addresses(AgentSettings.external).port.label {
            throw FlagValueError("\(label): \(own); give --external-llamacpp-host alone")
        }
        let agentCheck = try settings.addresses(AgentSettings.agentCheck)
        if let label = agentCheck.host.label ?? agentCheck.port.label {
            throw FlagValueError(
                "\(label): an HAProxy asks for one server, and these models have several; leave it out, or run an agent "
                    + "beside each llama-server"
            )
        }
        return configuration
    }

    private mutating func setToken(_ settings: Settings) throws(FlagValueError) {
        (managementToken, managementTokenFile) = try settings.either(
            AgentSettings.managementToken,
            AgentSettings.managementTokenFile
        )
    }
}
