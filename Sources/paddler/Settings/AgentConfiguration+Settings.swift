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
        _ = try settings.value(AgentSettings.statusServerScheme)
        let status = try settings.addresses(AgentSettings.statusServer)
        statusServer = status.isGiven ? status.first : nil
    }

    private mutating func setToken(_ settings: Settings) throws(FlagValueError) {
        let token = try settings.found(AgentSettings.managementToken)
        let file = try settings.found(AgentSettings.managementTokenFile)
        if let token = token.label, let file = file.label {
            throw FlagValueError("\(token) and \(file) say the same thing; use one or the other")
        }
        managementToken = token.value
        managementTokenFile = file.value
    }
}
