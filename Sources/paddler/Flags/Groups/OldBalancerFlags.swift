import ArgumentParser

/// Names that Paddler 0.10 had for the same.
struct OldBalancerFlags: SettingFlags {
    @Option(BalancerSettings.requestBufferSize)
    var requestBufferSize: GivenText?

    @Option(BalancerSettings.requestBufferTimeout)
    var requestBufferTimeout: GivenText?
}
