import ArgumentParser
import LlamaServer

/// Which llama-server an agent watches, and how.
struct LlamaServerOptions: ParsableArguments {
    @Option(
        name: .customLong("local-llamacpp-host"),
        help: ArgumentHelp("Where the agent reaches llama-server. (default: 127.0.0.1)", valueName: "host")
    )
    var localHost: String?

    @Option(
        name: .customLong("local-llamacpp-port"),
        help: ArgumentHelp("Its port. (default: 8088)", valueName: "port")
    )
    var localPort: Int?

    @Option(
        name: .customLong("local-llamacpp-addr"),
        help: ArgumentHelp("Both in one: host:port or [v6]:port.", valueName: "address")
    )
    var localAddress: String?

    @Option(
        name: .customLong("external-llamacpp-host"),
        help: ArgumentHelp("Where the balancers reach llama-server. (default: the local host)", valueName: "host")
    )
    var externalHost: String?

    @Option(
        name: .customLong("external-llamacpp-port"),
        help: ArgumentHelp("Its port for the balancers. (default: the local port)", valueName: "port")
    )
    var externalPort: Int?

    @Option(
        name: .customLong("external-llamacpp-addr"),
        help: ArgumentHelp("Both in one: host:port or [v6]:port.", valueName: "address")
    )
    var externalAddress: String?

    @Option(
        name: [.customLong("local-llamacpp-api-key"), .customLong("llamacpp-api-key")],
        help: ArgumentHelp("The key with which llama-server was started (its --api-key).", valueName: "key")
    )
    var apiKey: String?

    @Option(
        name: .customLong("monitoring-interval"),
        help: ArgumentHelp(
            "How often to look at the slots without a reason; with one, it is done at once. (default: 5s)",
            valueName: "duration"
        ),
        transform: DurationFlag.init(parsing:)
    )
    var monitoringInterval = DurationFlag(.seconds(5))

    func local() throws(FlagValueError) -> NetworkAddress {
        try AddressFlags(name: "local-llamacpp", host: localHost, port: localPort, address: localAddress)
            .resolved(or: NetworkAddress(host: "127.0.0.1", port: 8088))
    }

    func external(local: NetworkAddress) throws(FlagValueError) -> NetworkAddress {
        try AddressFlags(name: "external-llamacpp", host: externalHost, port: externalPort, address: externalAddress)
            .resolved(or: local)
    }
}
