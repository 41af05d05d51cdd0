import LlamaServer
import Logging
import Testing

@testable import Agent
@testable import AgentRules
@testable import NIOAgent

@Suite("An agent's configuration")
struct AgentConfigurationTests {
    @Test(
        "no time at all is no limit to a standstill",
        arguments: [0, 120]
    )
    func stuckAfter(seconds: Int) {
        let address = NetworkAddress(host: "127.0.0.1", port: 8088)
        var configuration = AgentConfiguration(local: address, external: address, management: [address])
        #expect(WatchIntervals(configuration).stuck == .seconds(600))
        configuration.stuckAfter = .seconds(seconds)
        #expect(WatchIntervals(configuration).stuck == (seconds == 0 ? nil : .seconds(seconds)))
    }

    @Test(
        "an agent that gives a loopback address to a balancer on another machine says so at its start",
        arguments: [
            ("127.0.0.1", "192.0.2.7", true), ("::1", "balancer.example", true), ("localhost", "192.0.2.7", true),
            ("127.0.0.1", "127.0.0.1", false), ("localhost", "::1", false), ("192.0.2.1", "192.0.2.7", false),
        ]
    )
    func loopback(external: String, balancer: String, isTold: Bool) {
        let configuration = AgentConfiguration(
            local: NetworkAddress(host: "127.0.0.1", port: 8088),
            external: NetworkAddress(host: external, port: 8088),
            management: [NetworkAddress(host: "127.0.0.1", port: 8085), NetworkAddress(host: balancer, port: 8085)]
        )
        #expect(configuration.warnings(onMachineWith: ["127.0.0.1", "192.0.2.1"]).isEmpty != isTold)
        #expect(
            configuration.warnings(onMachineWith: ["127.0.0.1", "192.0.2.1"]).allSatisfy {
                $0.text.contains("\(balancer)") && $0.hint != nil
            }
        )
    }

    @Test(
        "an agent that speaks https to a llama-server, and has balancers speak http to it, says so at its start",
        arguments: [(true, false, true), (true, true, false), (false, false, false), (false, true, false)]
    )
    func schemes(local: Bool, external: Bool, isTold: Bool) {
        let address = NetworkAddress(host: "127.0.0.1", port: 8088)
        var configuration = AgentConfiguration(local: address, external: address, management: [address])
        configuration.localUsesTLS = local
        configuration.externalUsesTLS = external
        #expect(configuration.warnings(onMachineWith: ["127.0.0.1", "192.0.2.1"]).isEmpty != isTold)
        #expect(
            configuration.warnings(onMachineWith: ["127.0.0.1", "192.0.2.1"]).allSatisfy {
                $0.hint == "pass --external-llamacpp-scheme https"
            }
        )
    }

    @Test("nobody who prints it sees the key")
    func key() {
        let address = NetworkAddress(host: "127.0.0.1", port: 8088)
        let configuration = AgentConfiguration(local: address, external: address, management: [address], apiKey: "k3y")
        let service = AgentService(configuration: configuration, logger: Logger(label: "test"))
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(service, to: &dumped)
        for text in [
            "\(configuration)", String(reflecting: configuration), "\(service)", String(reflecting: service), dumped,
        ] {
            #expect(!text.contains("k3y"))
            #expect(text.contains("8088"))
        }
    }
}
