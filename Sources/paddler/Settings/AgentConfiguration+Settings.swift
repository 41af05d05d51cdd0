import Agent
import LlamaServer
import ProgramLife

extension AgentConfiguration {
    init(_ settings: Settings) throws(FlagValueError) {
        self.init(
            local: try settings.address(AgentSettings.local),
            external: try settings.address(AgentSettings.external),
            management: try settings.addresses(AgentSettings.management).all,
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
        return configuration
    }

    private mutating func setToken(_ settings: Settings) throws(FlagValueError) {
        (managementToken, managementTokenFile) = try settings.either(
            AgentSettings.managementToken,
            AgentSettings.managementTokenFile
        )
    }
}
