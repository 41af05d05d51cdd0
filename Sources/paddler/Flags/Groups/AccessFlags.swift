import ArgumentParser

/// Who is let in, and to what.
struct AccessFlags: SettingFlags {
    @Option(BalancerSettings.apiKeys)
    var apiKeys: [GivenText] = []

    @Option(BalancerSettings.apiKeyFile)
    var apiKeyFile: GivenText?

    @Option(BalancerSettings.tenantsFile)
    var tenantsFile: GivenText?

    @Option(BalancerSettings.fairBy)
    var fairBy: GivenText?

    @Option(BalancerSettings.managementTokens)
    var managementTokens: [GivenText] = []

    @Option(BalancerSettings.managementTokenFile)
    var managementTokenFile: GivenText?

    @Option(BalancerSettings.managementReadTokens)
    var managementReadTokens: [GivenText] = []

    @Option(BalancerSettings.managementReadTokenFile)
    var managementReadTokenFile: GivenText?

    @Option(BalancerSettings.agentNames)
    var agentNames: GivenText?

    @Option(BalancerSettings.allowedAgents)
    var allowedAgents: [GivenText] = []

    @Option(BalancerSettings.slotsEndpoint)
    var slotsEndpoint: GivenText?

    @Option(BalancerSettings.streamsEndpoint)
    var streamsEndpoint: GivenText?

    @Option(BalancerSettings.adminEndpoints)
    var adminEndpoints: GivenText?

    @Option(BalancerSettings.allowedOrigins)
    var allowedOrigins: [GivenText] = []

    @Option(BalancerSettings.allowedHosts)
    var allowedHosts: [GivenText] = []

    @Option(BalancerSettings.dashboard)
    var dashboard: GivenText?

    @Option(BalancerSettings.metricsEndpoint)
    var metricsEndpoint: GivenText?

    @Option(BalancerSettings.metricsUpstreams)
    var metricsUpstreams: GivenText?

    @Option(BalancerSettings.explainsAnswers)
    var explainsAnswers: GivenText?

    @Option(BalancerSettings.trustedProxies)
    var trustedProxies: [GivenText] = []
}
