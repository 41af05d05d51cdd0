import ArgumentParser

/// How many requests wait, how long, and what they may hold.
struct LimitFlags: SettingFlags {
    @Option(BalancerSettings.maximumQueued)
    var maximumQueued: GivenText?

    @Option(BalancerSettings.queueTimeout)
    var queueTimeout: GivenText?

    @Option(BalancerSettings.slotlessTimeout)
    var slotlessTimeout: GivenText?

    @Option(BalancerSettings.maximumExpectedWait)
    var maximumExpectedWait: GivenText?

    @Option(BalancerSettings.classPatience)
    var classPatience: GivenText?

    @Option(BalancerSettings.maximumBody)
    var maximumBody: GivenText?

    @Option(BalancerSettings.maximumBuffered)
    var maximumBuffered: GivenText?

    @Option(BalancerSettings.minimumBodyRate)
    var minimumBodyRate: GivenText?

    @Option(BalancerSettings.maximumAttemptsAfterSend)
    var maximumAttemptsAfterSend: GivenText?

    @Option(BalancerSettings.maximumConnections)
    var maximumConnections: GivenText?

    @Option(BalancerSettings.threads)
    var threads: GivenText?
}
