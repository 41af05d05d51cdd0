import Agent
import ArgumentParser
import Balancer
import LlamaServer
import Testing

@testable import paddler

/// Variables of the environment that look like ours.
@Suite("The environment's variables")
struct EnvironmentTests {
    private func settings(_ flags: [String] = [], _ environment: [String: String]) throws -> Settings {
        try BalancerCommand.parse(flags).settings(environment: environment)
    }

    private func remarks(_ flags: [String] = [], _ environment: [String: String]) throws -> [String] {
        try settings(flags, environment).remarks.map(\.description)
    }

    @Test(
        "a variable that describes a service is ignored, whichever setting it looks like",
        arguments: ["tcp://10.96.7.1:8085", "udp://10.96.7.1:8125", "sctp://10.96.7.1:1"]
    )
    func serviceLinks(text: String) throws {
        let variables = BalancerSettings.all.flatMap(\.descriptions).map(\.variable)
        let settings = try settings([], Dictionary(uniqueKeysWithValues: variables.map { ($0, text) }))
        let configuration = try BalancerConfiguration(settings)
        #expect(configuration.management.port == 8085 && configuration.maximumQueued == 1024)
        #expect(settings.remarks.count == variables.count)
        for (remark, variable) in zip(settings.remarks, variables) {
            #expect(remark.description.hasPrefix("\(variable) is ignored: it describes a service"))
        }
    }

    @Test(
        "nothing is said of such a variable when it is overruled",
        arguments: [["--management-addr", "127.0.0.1:1"], ["--management-port", "1"]]
    )
    func overruledLink(flags: [String]) throws {
        let environment = ["PADDLER_MANAGEMENT_PORT": "tcp://10.96.7.1:8085"]
        #expect(try remarks(flags, environment).isEmpty)
        #expect(try BalancerConfiguration(settings(flags, environment)).management.port == 1)
        #expect(try remarks(["--management-host", "10.0.0.1"], environment).count == 1)
    }

    @Test("what a service is described by beside its port is nobody's mistake")
    func otherLinks() throws {
        let environment = [
            "PADDLER_MANAGEMENT_SERVICE_HOST": "10.96.7.1", "PADDLER_MANAGEMENT_SERVICE_PORT": "8085",
            "PADDLER_MANAGEMENT_SERVICE_PORT_HTTP": "8085", "PADDLER_MANAGEMENT_PORT_8085_TCP": "tcp://10.96.7.1:8085",
            "PADDLER_MANAGEMENT_PORT_8085_TCP_ADDR": "10.96.7.1", "PADDLER_MANAGEMENT_PORT_8085_TCP_PROTO": "tcp",
            "PADDLER_PORT": "tcp://10.96.7.1:80", "PADDLER_PORT_80_TCP_PORT": "80",
        ]
        #expect(try remarks([], environment).isEmpty)
    }

    @Test("a misspelt variable is told with what was meant, and one of others or of another command isn't")
    func misspelt() throws {
        #expect(
            try remarks([], ["PADDLER_MAX_BUFERED_REQUESTS": "3"]) == [
                "PADDLER_MAX_BUFERED_REQUESTS is ignored: there is no such setting; "
                    + "did you mean PADDLER_MAX_BUFFERED_REQUESTS?"
            ]
        )
        let others = [
            "PADDLER_IMAGE": "x", "PADDLER_NAME": "x", "PADDLER_CONFIG": "", "PADDLER_HOME": "/opt", "THREADS": "1",
        ]
        #expect(try remarks([], others).isEmpty)
    }

    @Test("what is overruled isn't read, whatever it is, whole or in part")
    func overruled() throws {
        for setting in BalancerSettings.all.flatMap(\.descriptions) {
            let bad = SettingLayer(environment: [setting.variable: "\u{7F}/"], settings: [setting])
            let good: [String: [String]] =
                switch setting.name {
                case let name where name.hasSuffix("-host"): [name: ["10.0.0.1"]]
                case let name where name.hasSuffix("-port"): [name: ["1"]]
                case let name where name.hasSuffix("-addr"):
                    ["\(name.dropLast(5))-host": ["10.0.0.1"], "\(name.dropLast(5))-port": ["1"]]
                default: [:]
                }
            guard !good.isEmpty, setting.takes != .onOff, setting.name != "management-allowed-host",
                setting.name != "management-cors-allowed-host"
            else { continue }
            _ = try BalancerConfiguration(Settings(layers: [SettingLayer(.flags, good), bad]))
            let whole = ["\(setting.name.split(separator: "-").dropLast().joined(separator: "-"))-addr": ["10.0.0.1:1"]]
            _ = try BalancerConfiguration(Settings(layers: [SettingLayer(.flags, whole), bad]))
        }
    }

    @Test("an agent's token on the command line overrules a file of it in the environment, and the other way round")
    func token() throws {
        let file = try AgentCommand.parse(["--management-token-file", "f"])
            .configuration(environment: ["PADDLER_MANAGEMENT_TOKEN": "t"])
        #expect(file.managementTokenFile == "f" && file.managementToken == nil)
        let token = try AgentCommand.parse(["--management-token", "t"])
            .configuration(environment: ["PADDLER_MANAGEMENT_TOKEN_FILE": "f"])
        #expect(token.managementTokenFile == nil && token.managementToken == "t")
    }
}
