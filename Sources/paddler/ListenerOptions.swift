import ArgumentParser
import LlamaServer

/// Where a balancer listens.
struct ListenerOptions: ParsableArguments {
    @Option(
        name: .customLong("reverseproxy-host"),
        help: ArgumentHelp("Where clients connect. (default: 127.0.0.1)", valueName: "host")
    )
    var reverseProxyHost: String?

    @Option(
        name: .customLong("reverseproxy-port"),
        help: ArgumentHelp("Its port; 0 takes any free one. (default: 8086)", valueName: "port")
    )
    var reverseProxyPort: Int?

    @Option(
        name: .customLong("reverseproxy-addr"),
        help: ArgumentHelp("Both in one: host:port or [v6]:port.", valueName: "address")
    )
    var reverseProxyAddress: String?

    @Option(
        name: .customLong("management-host"),
        help: ArgumentHelp("Where agents and operators connect. (default: 127.0.0.1)", valueName: "host")
    )
    var managementHost: String?

    @Option(
        name: .customLong("management-port"),
        help: ArgumentHelp("Its port; 0 takes any free one. (default: 8085)", valueName: "port")
    )
    var managementPort: Int?

    @Option(
        name: .customLong("management-addr"),
        help: ArgumentHelp("Both in one: host:port or [v6]:port.", valueName: "address")
    )
    var managementAddress: String?

    func reverseProxy(or fallback: NetworkAddress) throws(FlagValueError) -> NetworkAddress {
        try AddressFlags(
            name: "reverseproxy",
            host: reverseProxyHost,
            port: reverseProxyPort,
            address: reverseProxyAddress
        ).resolved(or: fallback, allowsAnyPort: true)
    }

    func management(or fallback: NetworkAddress) throws(FlagValueError) -> NetworkAddress {
        try AddressFlags(name: "management", host: managementHost, port: managementPort, address: managementAddress)
            .resolved(or: fallback, allowsAnyPort: true)
    }
}
