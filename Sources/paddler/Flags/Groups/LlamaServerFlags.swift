import ArgumentParser

/// Which llama-server an agent watches, and how.
struct LlamaServerFlags: SettingFlags {
    @Option(AgentSettings.local.host)
    var localHost: GivenText?

    @Option(AgentSettings.local.port)
    var localPort: GivenText?

    @Option(AgentSettings.local.addresses)
    var localAddress: GivenText?

    @Option(AgentSettings.localScheme)
    var localScheme: GivenText?

    @Option(AgentSettings.external.host)
    var externalHost: GivenText?

    @Option(AgentSettings.external.port)
    var externalPort: GivenText?

    @Option(AgentSettings.external.addresses)
    var externalAddress: GivenText?

    @Option(AgentSettings.externalScheme)
    var externalScheme: GivenText?

    @Option(AgentSettings.pathPrefix)
    var pathPrefix: GivenText?

    @Option(AgentSettings.apiKey)
    var apiKey: GivenText?

    @Option(AgentSettings.upstreamAPIKey)
    var upstreamAPIKey: GivenText?

    @Option(AgentSettings.caFile)
    var caFile: GivenText?

    @Option(AgentSettings.monitoringInterval)
    var monitoringInterval: GivenText?

    @Option(AgentSettings.stuckAfter)
    var stuckAfter: GivenText?

    @Option(AgentSettings.weight)
    var weight: GivenText?
}
