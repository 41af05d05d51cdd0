import ArgumentParser

/// Which balancer a command of an operator speaks to.
struct OperatorFlags: SettingFlags {
    @Option(OperatorSettings.management.host)
    var managementHost: GivenText?

    @Option(OperatorSettings.management.port)
    var managementPort: GivenText?

    @Option(OperatorSettings.management.addresses)
    var managementAddress: GivenText?

    @Option(OperatorSettings.scheme)
    var scheme: GivenText?

    @Option(OperatorSettings.token)
    var token: GivenText?

    @Option(OperatorSettings.caFile)
    var caFile: GivenText?

    @Option(SharedSettings.managementCertificate)
    var certificate: GivenText?

    @Option(SharedSettings.managementKey)
    var key: GivenText?
}
