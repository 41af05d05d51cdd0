import ArgumentParser
import LlamaServer

/// To whom an agent reports, and under which name.
struct BalancersOptions: ParsableArguments {
    @Option(
        name: .customLong("management-host"),
        help: ArgumentHelp("The balancer's management host. (default: 127.0.0.1)", valueName: "host")
    )
    var host: String?

    @Option(
        name: .customLong("management-port"),
        help: ArgumentHelp("Its management port. (default: 8085)", valueName: "port")
    )
    var port: Int?

    @Option(
        name: .customLong("management-addr"),
        help: ArgumentHelp(
            "Both in one: host:port or [v6]:port. Give it several times to report to several balancers.",
            valueName: "address"
        )
    )
    var addresses: [String] = []

    @Option(help: ArgumentHelp("What this server is called where people look.", valueName: "name"))
    var name: String?

    func resolved() throws(FlagValueError) -> [NetworkAddress] {
        let first = try AddressFlags(name: "management", host: host, port: port, address: addresses.first)
            .resolved(or: NetworkAddress(host: "127.0.0.1", port: 8085))
        var all = [first]
        for text in addresses.dropFirst() {
            let address = try AddressFlags.parse(text, flag: "--management-addr")
            guard !all.contains(address) else {
                throw FlagValueError("--management-addr: \(address) is given twice")
            }
            all.append(address)
        }
        return all
    }
}
