import LlamaServer

/// What is said to an Envoy that has a balancer say where each request goes.
struct EnvoyConfiguration {
    struct Certificate: Equatable {
        let chain: String
        let key: String
    }

    let listener: NetworkAddress
    let admin: NetworkAddress
    /// Those of higher rank first.
    let pickers: [NetworkAddress]
    /// Whether the balancer gets requests' bodies, too.
    var tellsBodies = false
    var maximumBodyBytes = 64 << 20
    /// What clients are shown; nil: they speak plain HTTP.
    var certificate: Certificate?
    /// Whom Envoy trusts for the balancer's certificate; nil: it speaks to it without TLS.
    var pickerAuthorities: String?
    /// What Envoy shows the balancer; nil: nothing.
    var pickerCertificate: Certificate?

    /// YAML. Each choice in it is there for a reason that stands beside it.
    var text: String {
        EnvoyText.head(admin) + EnvoyText.front(self) + EnvoyText.pick(self) + EnvoyText.clusters(self)
    }
}
