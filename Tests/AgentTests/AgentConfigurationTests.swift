import LlamaServer
import Logging
import Testing

@testable import Agent
@testable import AgentRules

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
