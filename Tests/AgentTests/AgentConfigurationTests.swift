import LlamaServer
import Logging
import Testing

@testable import Agent

@Suite("An agent's configuration")
struct AgentConfigurationTests {
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
