import ArgumentParser

/// Where a model is served.
struct ServeListenerFlags: SettingFlags {
    @Option(BalancerSettings.reverseProxy.host)
    var reverseProxyHost: GivenText?

    @Option(BalancerSettings.reverseProxy.port)
    var reverseProxyPort: GivenText?

    @Option(BalancerSettings.reverseProxy.addresses)
    var reverseProxyAddress: GivenText?

    @Option(BalancerSettings.reverseProxyCertificates)
    var reverseProxyCertificates: [GivenText] = []

    @Option(BalancerSettings.reverseProxyKeys)
    var reverseProxyKeys: [GivenText] = []

    @Option(BalancerSettings.proxyProtocol)
    var proxyProtocol: GivenText?

    @Option(BalancerSettings.speaksHTTP2WithoutTLS)
    var speaksHTTP2WithoutTLS: GivenText?

    @Option(BalancerSettings.management.host)
    var managementHost: GivenText?

    @Option(BalancerSettings.management.port)
    var managementPort: GivenText?

    @Option(BalancerSettings.management.addresses)
    var managementAddress: GivenText?
}
