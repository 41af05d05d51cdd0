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
        managementToken = try settings.value(AgentSettings.managementToken)
        dialect = try settings.value(AgentSettings.dialect)
        drainTimeout = try settings.value(AgentSettings.drainTimeout).duration
        _ = try settings.value(AgentSettings.statusServerScheme)
        let status = try settings.addresses(AgentSettings.statusServer)
        statusServer = status.isGiven ? status.first : nil
    }
}
