import ArgumentParser

/// What is told of each request.
struct RequestFlags: SettingFlags {
    @Option(BalancerSettings.accessLog)
    var accessLog: GivenText?

    @Option(BalancerSettings.collector)
    var collector: GivenText?

    @Option(BalancerSettings.traceFraction)
    var traceFraction: GivenText?

    @Option(BalancerSettings.collectorHeaders)
    var collectorHeaders: [GivenText] = []

    @Option(BalancerSettings.serverTiming)
    var serverTiming: GivenText?

    @Option(BalancerSettings.loadingState)
    var loadingState: GivenText?

    @Option(BalancerSettings.stateFolder)
    var stateFolder: GivenText?

    @Option(BalancerSettings.usageRetention)
    var usageRetention: GivenText?
}
