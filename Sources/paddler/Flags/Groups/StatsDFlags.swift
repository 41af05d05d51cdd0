import ArgumentParser

/// Where measurements are sent.
struct StatsDFlags: SettingFlags {
    @Option(BalancerSettings.statsDEnabled)
    var statsDEnabled: GivenText?

    @Option(BalancerSettings.statsDAddress.host)
    var statsDHost: GivenText?

    @Option(BalancerSettings.statsDAddress.port)
    var statsDPort: GivenText?

    @Option(BalancerSettings.statsDAddress.addresses)
    var statsDAddress: GivenText?

    @Option(BalancerSettings.statsDScheme)
    var statsDScheme: GivenText?

    @Option(BalancerSettings.statsDPrefix)
    var statsDPrefix: GivenText?

    @Option(BalancerSettings.statsDInterval)
    var statsDInterval: GivenText?

    @Option(BalancerSettings.statsDTags)
    var statsDTags: [GivenText] = []
}
