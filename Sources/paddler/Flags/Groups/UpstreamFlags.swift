import ArgumentParser

/// How a balancer speaks to the llama-servers.
struct UpstreamFlags: SettingFlags {
    @Option(BalancerSettings.balance)
    var balance: GivenText?

    @Option(BalancerSettings.sessionHeaders)
    var sessionHeaders: [GivenText] = []

    @Option(BalancerSettings.sessionCookie)
    var sessionCookie: GivenText?

    @Option(BalancerSettings.strictModels)
    var strictModels: GivenText?

    @Option(BalancerSettings.defaultModel)
    var defaultModel: GivenText?

    @Option(BalancerSettings.modelsFile)
    var modelsFile: GivenText?

    @Option(BalancerSettings.maximumAgents)
    var maximumAgents: GivenText?

    @Option(BalancerSettings.lostMemory)
    var lostMemory: GivenText?

    @Option(BalancerSettings.rewritesHostHeader)
    var rewritesHostHeader: GivenText?

    @Option(BalancerSettings.upstreamAPIKey)
    var upstreamAPIKey: GivenText?

    @Option(BalancerSettings.upstreamCAFile)
    var upstreamCAFile: GivenText?
}
