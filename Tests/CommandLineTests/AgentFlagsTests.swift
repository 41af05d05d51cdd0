import Agent
import ArgumentParser
import LlamaServer
import Testing

@testable import paddler

struct AgentFlagsTests {
    private func configuration(_ arguments: String...) throws -> AgentConfiguration {
        try AgentCommand.parse(arguments).configuration()
    }

    @Test("without flags everything is on this machine at the usual ports")
    func defaults() throws {
        let configuration = try configuration()
        #expect(configuration.local == NetworkAddress(host: "127.0.0.1", port: 8088))
        #expect(configuration.external == NetworkAddress(host: "127.0.0.1", port: 8088))
        #expect(configuration.management == [NetworkAddress(host: "127.0.0.1", port: 8085)])
        #expect(configuration.monitoringInterval == .seconds(5))
        #expect(configuration.stuckAfter == .seconds(600))
        #expect(configuration.name == nil)
        #expect(configuration.apiKey == nil)
    }

    @Test("who stays with an HAProxy has balancers only where they are named")
    func agentCheck() throws {
        let alone = try configuration("--agent-check-port", "9000")
        #expect(alone.agentCheck == NetworkAddress(host: "127.0.0.1", port: 9000))
        #expect(alone.management.isEmpty)
        let beside = try configuration("--agent-check-addr", "10.0.0.5:9000", "--management-addr", "lb:8085")
        #expect(beside.management == [NetworkAddress(host: "lb", port: 8085)])
        #expect(throws: (any Error).self) {
            try configuration("--agent-check-addr", "127.0.0.1:9000", "--status-server-addr", "127.0.0.1:9000")
        }
        #expect(try configuration().agentCheck == nil)
    }

    @Test("how long nothing may move in a server; 0 is for ever")
    func stuckAfter() throws {
        #expect(try configuration("--stuck-after", "2m").stuckAfter == .seconds(120))
        #expect(try configuration("--stuck-after", "0").stuckAfter == .zero)
    }

    @Test("the external address is the local one where no flag says otherwise")
    func externalFollowsLocal() throws {
        let moved = try configuration("--local-llamacpp-addr", "10.0.0.5:9000")
        #expect(moved.external == NetworkAddress(host: "10.0.0.5", port: 9000))
        let named = try configuration("--local-llamacpp-port", "9000", "--external-llamacpp-host", "gpu1")
        #expect(named.external == NetworkAddress(host: "gpu1", port: 9000))
    }

    @Test("llama-server on a socket and behind a prefix")
    func socketAndPrefix() throws {
        let configuration = try configuration(
            "--local-llamacpp-addr",
            "unix:/run/llama.sock",
            "--llamacpp-api-prefix",
            "/llm/"
        )
        #expect(configuration.local.socketPath == "/run/llama.sock")
        #expect(configuration.external == configuration.local)
        #expect(configuration.pathPrefix?.text == "/llm")
    }

    @Test("the flags of the 0.x and 1.x programs mean the same")
    func bothForms() throws {
        let old = try configuration(
            "--external-llamacpp-host",
            "10.0.0.5",
            "--external-llamacpp-port",
            "1",
            "--local-llamacpp-host",
            "::1",
            "--local-llamacpp-port",
            "2",
            "--management-host",
            "lb",
            "--management-port",
            "3",
            "--name",
            "a"
        )
        let new = try configuration(
            "--external-llamacpp-addr",
            "10.0.0.5:1",
            "--local-llamacpp-addr",
            "[::1]:2",
            "--management-addr",
            "lb:3",
            "--name",
            "a"
        )
        #expect(old.external == new.external)
        #expect(old.local == new.local)
        #expect(old.management == new.management)
        #expect(old.name == "a")
    }

    @Test("both names of the key flag are taken", arguments: ["--local-llamacpp-api-key", "--llamacpp-api-key"])
    func key(flag: String) throws {
        #expect(try configuration(flag, "secret").apiKey == "secret")
    }

    @Test("several balancers are reported to")
    func severalBalancers() throws {
        let configuration = try configuration("--management-addr", "a:1", "--management-addr", "b:2")
        #expect(configuration.management.map(\.description) == ["a:1", "b:2"])
    }

    @Test("a token can be in a file, whose name is all that the settings have of it")
    func tokenFile() throws {
        let configuration = try configuration("--management-token-file", "/run/secrets/token")
        #expect(configuration.managementTokenFile == "/run/secrets/token")
        #expect(configuration.managementToken == nil)
    }

    @Test("who sends a token over plain http to another machine is warned", arguments: ["-token", "-token-file"])
    func plainToken(flag: String) throws {
        let token = ["--management\(flag)", "t"]
        let ours = ["--management-addr", "127.0.0.1:1", "--management-addr", "localhost:2"]
        let other = ["--management-addr", "10.0.0.1:8085"]
        func warning(_ arguments: [String]) throws -> PlainTokenWarning? {
            PlainTokenWarning(try AgentCommand.parse(arguments).configuration())
        }
        #expect(try warning(token + ours + other)?.balancers == [NetworkAddress(host: "10.0.0.1", port: 8085)])
        #expect(try warning(token + ours) == nil)
        #expect(try warning(other) == nil)
        #expect(try warning(token + other + ["--management-scheme", "https"]) == nil)
    }

    @Test(
        "flags that contradict each other or can't be read are usage errors that name the flag",
        arguments: [
            (["--local-llamacpp-addr", "a:1", "--local-llamacpp-host", "b"], "--local-llamacpp-host"),
            (["--external-llamacpp-addr", "a:1", "--external-llamacpp-port", "2"], "--external-llamacpp-port"),
            (["--management-addr", "a:1", "--management-host", "b", "--management-port", "2"], "--management-port"),
            (["--management-addr", "a:1", "--management-addr", "a:1"], "twice"),
            (["--management-addr", "a:1", "--management-addr", "b"], "--management-addr"),
            (["--management-addr", "nonsense"], "--management-addr"),
            (["--local-llamacpp-port", "0"], "--local-llamacpp-port"),
            (["--local-llamacpp-port", "65536"], "--local-llamacpp-port"),
            (["--local-llamacpp-host", "a b"], "--local-llamacpp-host"),
            (["--local-llamacpp-host", "127.0.0.1:8088"], "--local-llamacpp-port"),
            (["--local-llamacpp-addr", "unix:llama.sock"], "unix:/run/llama.sock"),
            (["--management-addr", "unix:/run/llama.sock"], "--management-addr"),
            (["--local-llamacpp-addr", "unix:/l.sock", "--external-llamacpp-host", "a"], "--external-llamacpp-host"),
            (["--local-llamacpp-addr", "unix:/l.sock", "--external-llamacpp-port", "2"], "--external-llamacpp-port"),
            (["--local-llamacpp-addr", "unix:/l.sock", "--dialect", "0.10"], "neither path prefixes nor sockets"),
            (["--llamacpp-api-prefix", "/llm", "--dialect", "1.x"], "neither path prefixes nor sockets"),
            (["--llamacpp-api-prefix", "llm"], "--llamacpp-api-prefix"),
            (["--monitoring-interval", "soon"], "500ms"),
            (["--monitoring-interval", "0"], "--monitoring-interval"),
            (["--management-token", "t", "--management-token-file", "f"], "--management-token-file"),
            (["--no-such-flag"], "--no-such-flag"),
        ]
    )
    func usageErrors(arguments: [String], mention: String) throws {
        let error = try #require(throws: (any Error).self) { try AgentCommand.parse(arguments) }
        #expect(AgentCommand.exitCode(for: error).rawValue == 64)
        #expect(AgentCommand.fullMessage(for: error).contains(mention))
    }
}
