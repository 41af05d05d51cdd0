import ArgumentParser

/// To whom an agent reports, and as what.
struct BalancerLinkFlags: SettingFlags {
    @Option(AgentSettings.management.host)
    var managementHost: GivenText?

    @Option(AgentSettings.management.port)
    var managementPort: GivenText?

    @Option(AgentSettings.management.addresses)
    var managementAddresses: [GivenText] = []

    @Option(AgentSettings.managementScheme)
    var managementScheme: GivenText?

    @Option(AgentSettings.managementToken)
    var managementToken: GivenText?

    @Option(AgentSettings.managementTokenFile)
    var managementTokenFile: GivenText?

    @Option(AgentSettings.managementCertificate)
    var managementCertificate: GivenText?

    @Option(AgentSettings.managementKey)
    var managementKey: GivenText?

    @Option(AgentSettings.dialect)
    var dialect: GivenText?

    @Option(AgentSettings.name)
    var name: GivenText?
}
