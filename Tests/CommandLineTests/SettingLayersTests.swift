import Agent
import ArgumentParser
import Balancer
import FleetMetrics
import LlamaServer
import Testing

@testable import LogLines
@testable import paddler

/// Which of several places counts.
struct SettingLayersTests {
    private func balancer(
        _ flags: [String] = [],
        environment: [String: String] = [:],
        file: String? = nil
    ) throws -> BalancerConfiguration {
        let file = try file.map { try TemporaryFile($0) }
        let arguments = flags + (file.map { ["--config", $0.path] } ?? [])
        return try BalancerCommand.parse(arguments).configuration(environment: environment)
    }

    @Test("a flag counts more than the environment, that more than the file, that more than the default")
    func precedence() throws {
        let file = "threads: 1\nmax-buffered-requests: 1\nmax-request-body: 1MiB"
        let environment = ["PADDLER_THREADS": "2", "PADDLER_MAX_BUFFERED_REQUESTS": "2"]
        let configuration = try balancer(["--threads", "3"], environment: environment, file: file)
        #expect(configuration.threads == 3)
        #expect(configuration.maximumQueued == 2)
        #expect(configuration.maximumBodyBytes == 1 << 20)
        #expect(configuration.queueTimeout == .seconds(60))
    }

    @Test("the same holds for the spellings of one setting")
    func precedenceOfSpellings() throws {
        let environment = ["PADDLER_MAX_BUFFERED_REQUESTS": "2"]
        #expect(try balancer(["--request-buffer-size", "3"], environment: environment).maximumQueued == 3)
        #expect(try balancer(environment: ["PADDLER_REQUEST_BUFFER_SIZE": "4"]).maximumQueued == 4)
    }

    @Test("a host and a port may come from different places, an address in one piece counts as both")
    func partsOfAddresses() throws {
        let whole = ["PADDLER_MANAGEMENT_ADDR": "10.0.0.1:1"]
        #expect(try balancer(["--management-port", "2"], environment: whole).management.description == "10.0.0.1:2")
        #expect(try balancer(["--management-addr", "b:2"], environment: whole).management.description == "b:2")
        let port = ["PADDLER_MANAGEMENT_PORT": "3"]
        #expect(try balancer(environment: port, file: "management-host: c").management.description == "c:3")
    }

    @Test("several balancers can come from anywhere")
    func severalAddresses() throws {
        func management(_ flags: [String], _ environment: [String: String]) throws -> [String] {
            try AgentCommand.parse(flags).configuration(environment: environment).management.map(\.description)
        }
        let two = ["PADDLER_MANAGEMENT_ADDR": "a:1,b:2"]
        #expect(try management([], two) == ["a:1", "b:2"])
        #expect(try management(["--management-addr", "c:3"], two) == ["c:3"])
        #expect(try management(["--management-host", "d"], two) == ["d:1"])
    }

    @Test("every setting can be given in every place, and a value that it can't have is told with its place")
    func everySetting() throws {
        for (name, settings) in [("balancer", BalancerSettings.all), ("agent", AgentSettings.all)] {
            for setting in settings.flatMap(\.descriptions) {
                let bad = "\u{7F}/"
                let isFreeText = (try? SettingText.text(bad)) != nil && Self.isFreeText(setting.name, of: name)
                guard !isFreeText else { continue }
                let layers = [
                    (SettingLayer(.flags, [setting.name: [bad]]), "\(setting.flag): "),
                    (SettingLayer(environment: [setting.variable: bad], settings: [setting]), "\(setting.variable): "),
                    (SettingLayer(.file("f.yaml"), [setting.name: [bad]]), "f.yaml: \(setting.name): "),
                ]
                for (layer, start) in layers {
                    let error = #expect(throws: FlagValueError.self, "\(name) \(setting.flag)") {
                        let settings = Settings(layers: [layer])
                        if name == "agent" {
                            _ = try AgentConfiguration(settings)
                            _ = try ModelHostConfiguration(settings, environment: [:])
                        }
                        if name == "balancer" { _ = try BalancerConfiguration(settings) }
                        _ = try LoggingChoice(settings)
                    }
                    #expect(error?.description.hasPrefix(start) == true, "\(error?.description ?? "")")
                }
            }
        }
    }

    /// An agent's `--management-scheme` says how balancers are spoken to, a balancer's is accepted and changes nothing.
    private static func isFreeText(_ setting: String, of command: String) -> Bool {
        freeTexts.contains(setting) && (setting != "management-scheme" || command == "balancer")
    }

    /// They take any text.
    private static let freeTexts: Set = [
        "access-log", "reverseproxy-tls-cert", "reverseproxy-tls-key", "management-tls-cert", "management-tls-key",
        "upstream-ca-file", "models-file", "tenants-file", "api-key-file", "management-token-file",
        "management-read-token-file", "management-cors-allowed-host", "statsd-scheme", "state-dir", "server-log",
        "reverseproxy-scheme", "management-scheme", "status-server-scheme", "ca-file", "name", "management-client-ca",
        "management-cert", "management-key", "agent-allow", "llama-server", "picker-tls-cert", "picker-tls-key",
        "picker-client-ca",
    ]

    @Test("an empty variable counts as not given")
    func emptyVariable() throws {
        #expect(try balancer(environment: ["PADDLER_THREADS": ""], file: "threads: 4").threads == 4)
    }

    @Test("commas part what a variable takes several of")
    func listInVariable() throws {
        #expect(try balancer(environment: ["PADDLER_API_KEY": "a, b"]).apiKeys == ["a", "b"])
        #expect(
            try balancer(environment: ["PADDLER_STATSD_TAGS": "a:1,b", "PADDLER_STATSD_ENABLE": "1"]).statsD?.tags == [
                "a:1", "b",
            ]
        )
    }

    @Test("variables of others are nobody's mistake")
    func otherVariables() throws {
        #expect(try balancer(environment: ["PADDLER_SERVICE_HOST": "x", "THREADS": "9"]).threads == nil)
    }

    @Test("the file can be named by a variable")
    func fileByVariable() throws {
        let file = try TemporaryFile("threads: 5")
        #expect(try balancer(environment: ["PADDLER_CONFIG": file.path]).threads == 5)
    }
}
