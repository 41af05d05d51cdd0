import ArgumentParser

/// Where a balancer listens.
struct ListenerFlags: SettingFlags {
    @Option(BalancerSettings.reverseProxy.host)
    var reverseProxyHost: GivenText?

    @Option(BalancerSettings.reverseProxy.port)
    var reverseProxyPort: GivenText?

    @Option(BalancerSettings.reverseProxy.addresses)
    var reverseProxyAddress: GivenText?

    @Option(BalancerSettings.reverseProxyScheme)
    var reverseProxyScheme: GivenText?

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

    @Option(BalancerSettings.managementScheme)
    var managementScheme: GivenText?

    @Option(BalancerSettings.managementCertificates)
    var managementCertificates: [GivenText] = []

    @Option(BalancerSettings.managementKeys)
    var managementKeys: [GivenText] = []

    @Option(BalancerSettings.clientAuthorities)
    var clientAuthorities: GivenText?

    @Option(BalancerSettings.picker.host)
    var pickerHost: GivenText?

    @Option(BalancerSettings.picker.port)
    var pickerPort: GivenText?

    @Option(BalancerSettings.picker.addresses)
    var pickerAddress: GivenText?

    @Option(BalancerSettings.pickerCertificates)
    var pickerCertificates: [GivenText] = []

    @Option(BalancerSettings.pickerKeys)
    var pickerKeys: [GivenText] = []

    @Option(BalancerSettings.pickerClientAuthorities)
    var pickerClientAuthorities: GivenText?

    @Option(BalancerSettings.sharesPorts)
    var sharesPorts: GivenText?
}
