import ArgumentParser

/// Which agent is asked.
struct HealthFlags: SettingFlags {
    @Option(AgentSettings.statusServer.host)
    var statusServerHost: GivenText?

    @Option(AgentSettings.statusServer.port)
    var statusServerPort: GivenText?

    @Option(AgentSettings.statusServer.addresses)
    var statusServerAddress: GivenText?
}
