import ArgumentParser

/// For how long whom is waited for.
struct TimeoutFlags: SettingFlags {
    @Option(BalancerSettings.connectTimeout)
    var connectTimeout: GivenText?

    @Option(BalancerSettings.requestHeadTimeout)
    var requestHeadTimeout: GivenText?

    @Option(BalancerSettings.requestBodyTimeout)
    var requestBodyTimeout: GivenText?

    @Option(BalancerSettings.firstByteTimeout)
    var firstByteTimeout: GivenText?

    @Option(BalancerSettings.answerIdleTimeout)
    var answerIdleTimeout: GivenText?

    @Option(BalancerSettings.clientWriteTimeout)
    var clientWriteTimeout: GivenText?

    @Option(BalancerSettings.clientIdleTimeout)
    var clientIdleTimeout: GivenText?

    @Option(BalancerSettings.shutdownTimeout)
    var shutdownTimeout: GivenText?

    @Option(BalancerSettings.keepAliveAfter)
    var keepAliveAfter: GivenText?
}
