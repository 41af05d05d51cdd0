import Agent
import LlamaServer

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
        localUsesTLS = try settings.value(AgentSettings.localScheme) == .https
        externalUsesTLS = try settings.value(AgentSettings.externalScheme) == .https
        managementUsesTLS = try settings.value(AgentSettings.managementScheme) == .https
        caFile = try settings.value(AgentSettings.caFile)
        upstreamAPIKey = try settings.value(AgentSettings.upstreamAPIKey)
        try setToken(settings)
        stuckAfter = try settings.value(AgentSettings.stuckAfter).duration
        dialect = try settings.value(AgentSettings.dialect)
        drainTimeout = try settings.value(AgentSettings.drainTimeout).duration
        let status = try settings.addresses(AgentSettings.statusServer)
        statusServer = status.isGiven ? status.first : nil
    }

    private mutating func setToken(_ settings: Settings) throws(FlagValueError) {
        (managementToken, managementTokenFile) = try settings.either(
            AgentSettings.managementToken,
            AgentSettings.managementTokenFile
        )
    }
}
