import ArgumentParser

/// How an agent ends, and where it can be asked whether it lives.
struct AgentLifeFlags: SettingFlags {
    @Option(AgentSettings.drainTimeout)
    var drainTimeout: GivenText?

    @Option(AgentSettings.statusServer.host)
    var statusServerHost: GivenText?

    @Option(AgentSettings.statusServer.port)
    var statusServerPort: GivenText?

    @Option(AgentSettings.statusServer.addresses)
    var statusServerAddress: GivenText?

    @Option(AgentSettings.statusServerScheme)
    var statusServerScheme: GivenText?

    @Option(AgentSettings.agentCheck.host)
    var agentCheckHost: GivenText?

    @Option(AgentSettings.agentCheck.port)
    var agentCheckPort: GivenText?

    @Option(AgentSettings.agentCheck.addresses)
    var agentCheckAddress: GivenText?
}
