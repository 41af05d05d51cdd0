import Agent
import ArgumentParser
import LlamaServer
import Testing

@testable import paddler
@testable import paddler_agent

@Suite("paddler-agent and paddler agent")
struct StandaloneAgentTests {
    @Test("each setting of the latter is one of the former, is refused by it, or has become another name")
    func settings() {
        let all = AgentSettings.all.flatMap(\.descriptions).map(\.name)
        let own = AgentSetting.allCases.map(\.rawValue)
        #expect(Set(own).isSubset(of: all))
        let refused = Set(AbsentSetting.allCases.map(\.rawValue))
        // Of models, whose place is in the process that runs their servers, and names of 0.10 and 1.x.
        let others =
            ModelSettings.all.flatMap(\.descriptions).map(\.name) + [
                "status-server-scheme", AgentSettings.agentReportingInterval.description.name,
            ]
        #expect(Set(all).subtracting(own).subtracting(refused).isSubset(of: others))
        #expect(refused.isDisjoint(with: own))
    }

    @Test("what nobody has given is the same for both")
    func defaults() throws {
        let mine = try AgentConfiguration(GivenSettings(flags: [], environment: [:]))
        let command = try AgentCommand.parse([])
        let other = try command.configuration(environment: [:])
        #expect(Self.shown(mine) == Self.shown(other))
    }

    @Test(
        "what is given is the same for both",
        arguments: [
            ["--local-llamacpp-addr", "[::1]:9", "--external-llamacpp-host", "gpu-4", "--name", "rack 4"],
            ["--local-llamacpp-port", "9", "--weight", "3", "--stuck-after", "0", "--drain-timeout", "1m30s"],
            ["--management-addr", "a:1", "--management-addr", "b:2", "--management-scheme", "https"],
            ["--management-token", "t0ken", "--upstream-api-key", "k3y", "--local-llamacpp-api-key", "k"],
            ["--management-token-file", "/t", "--monitoring-interval", "250ms", "--dialect", "0.10"],
            [
                "--llamacpp-api-prefix", "/llm", "--local-llamacpp-scheme", "https", "--external-llamacpp-scheme",
                "https",
            ],
        ]
    )
    func given(arguments: [String]) throws {
        let mine = try PaddlerAgent.parse(arguments).configuration(environment: [:])
        let other = try AgentCommand.parse(arguments).configuration(environment: [:])
        #expect(Self.shown(mine) == Self.shown(other))
        #expect(Self.shown(mine) != Self.shown(try PaddlerAgent.parse([]).configuration(environment: [:])))
    }

    @Test("a variable of the environment counts where no flag does, and an address has parts from both")
    func environment() throws {
        let configuration = try PaddlerAgent.parse(["--local-llamacpp-port", "9"])
            .configuration(
                environment: [
                    "PADDLER_LOCAL_LLAMACPP_HOST": "h", "PADDLER_LOCAL_LLAMACPP_PORT": "1", "PADDLER_NAME": "n",
                    "PADDLER_MANAGEMENT_ADDR": "a:1, b:2", "PADDLER_MANAGEMENT_PORT": "",
                    "PADDLER_MANAGEMENT_HOST": "tcp://10.0.0.1:8085",
                ]
            )
        #expect(configuration.local == NetworkAddress(host: "h", port: 9))
        #expect(configuration.external == configuration.local)
        #expect(configuration.management.map(\.description) == ["a:1", "b:2"])
        #expect(configuration.name == "n")
    }

    @Test(
        "what makes no sense is refused in one line, by the name of what was given",
        arguments: [
            (["--weight", "0"], "--weight: must be from 1 to 256"), (["--dialect", "1.x"], "--dialect: this program"),
            (["--local-llamacpp-addr", "unix:/s"], "--local-llamacpp-addr: this program reaches no UNIX sockets"),
            (["--management-addr", "a:1", "--management-addr", "a:1"], "--management-addr: a:1 is given twice"),
            (["--management-addr", "a:1", "--management-port", "1"], "say the same thing"),
            (["--management-token", "a", "--management-token-file", "b"], "say the same thing"),
            (["--drain-timeout", "soon"], "--drain-timeout: \"soon\" is not a duration"),
            (["--management-port", "0"], "--management-port: \"0\" is not a port"),
            (["--monitoring-interval", "1ms"], "must be at least 100ms"),
            (["--management-scheme", "ftp"], "is neither http nor https"),
            (["--management-token", " "], "white space"),
            (["--log-level", "loud"], "is none of trace"),
            (["--llamacpp-api-prefix", "/a", "--dialect", "0.10"], "know no path prefixes"),
        ]
    )
    func mistakes(arguments: [String], complaint: String) {
        let error = #expect(throws: (any Error).self) { try PaddlerAgent.parse(arguments) }
        let message = error.map { PaddlerAgent.message(for: $0) } ?? ""
        #expect(message.contains(complaint))
        #expect(!message.contains("\n"))
    }

    @Test(
        "what it hasn't is refused with a reason, as a flag and as a variable",
        arguments: AbsentSetting.allCases
    )
    func absent(setting: AbsentSetting) {
        #expect(AbsentSetting.first(in: [setting.flag, "x"], environment: [:])?.label == setting.flag)
        #expect(AbsentSetting.first(in: ["\(setting.flag)=x"], environment: [:])?.label == setting.flag)
        let refusal = AbsentSetting.first(in: [], environment: [setting.variable: "x"])
        #expect(refusal?.complaint.hasPrefix("\(setting.variable): this program ") == true)
        #expect(AbsentSetting.first(in: ["--name", "x"], environment: [setting.variable: ""]) == nil)
    }

    @Test("what its log tells of its settings has no secret in it")
    func secrets() {
        let settings = GivenSettings(
            flags: [GivenText(setting: .managementToken, text: "t0ken"), GivenText(setting: .name, text: "n")],
            environment: ["PADDLER_UPSTREAM_API_KEY": "k3y"]
        )
        #expect(settings.shown == "upstream-api-key=(hidden), management-token=(hidden), name=n")
    }

    /// All that they hold, secrets too.
    private static func shown(_ configuration: AgentConfiguration) -> [String] {
        let secrets = [configuration.apiKey, configuration.managementToken, configuration.upstreamAPIKey]
        return Mirror(reflecting: configuration).children.map { "\($0.label ?? ""): \($0.value)" }
            + secrets.map { $0 ?? "" }
    }
}
