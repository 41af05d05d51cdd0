import Agent
import ArgumentParser
import Balancer
import Management
import Testing

@testable import AccessControl
@testable import paddler

@Suite("Flags of mutual TLS and of the PROXY protocol")
struct MutualTLSFlagsTests {
    private static let listener = ["--management-tls-cert", "a.pem", "--management-tls-key", "a.key"]
    private static let authority = listener + ["--management-client-ca", "ca.pem"]
    private static let shown = ["--management-cert", "c.pem", "--management-key", "c.key"]

    @Test("a balancer's are what they say")
    func balancer() throws {
        let plain = try BalancerCommand.parse([]).configuration(environment: [:])
        #expect(plain.managementClientAuthorities == nil && plain.agentNames == .any && !plain.expectsProxyHeader)
        let flags = Self.authority + ["--agent-names", "certificate", "--agent-allow", "a-*,b", "--agent-allow", "c"]
        let configuration = try BalancerCommand.parse(flags + ["--reverseproxy-proxy-protocol"])
            .configuration(environment: [:])
        #expect(configuration.managementClientAuthorities?.path == "ca.pem")
        #expect(configuration.agentNames == .certified(allowed: ModelPatterns(["a-*", "b", "c"])))
        #expect(configuration.expectsProxyHeader)
        // Of use beside certificates, as beside tokens.
        #expect(throws: Never.self) {
            try BalancerCommand.parse(Self.authority + ["--management-read-token", "reader"])
        }
    }

    @Test("an agent's and an operator's are files to show, and are called as they were given when they can't be used")
    func clients() throws {
        let flags = ["--management-scheme", "https"] + Self.shown
        #expect(try AgentCommand.parse(flags).configuration(environment: [:]).managementCertificate != nil)
        for command in [DrainCommand.self, UndrainCommand.self] as [any ParsableCommand.Type] {
            #expect(throws: Never.self) { try command.parse(["a", "--management-scheme", "https"] + Self.shown) }
        }
    }

    @Test(
        "what doesn't go together is a mistake in the flags",
        arguments: [
            ("balancer", ["--management-client-ca", "ca.pem"], "--management-tls-cert"),
            ("balancer", ["--agent-allow", "a"], "--agent-names certificate"),
            ("balancer", ["--agent-names", "certificate"], "--management-client-ca"),
            ("balancer", ["--agent-names", "some"], "--agent-names"),
            ("agent", ["--management-cert", "c.pem", "--management-scheme", "https"], "--management-key"),
            ("agent", ["--management-key", "c.key", "--management-scheme", "https"], "--management-cert"),
            ("agent", shown, "--management-scheme https"),
            ("dashboard", shown, "--management-scheme https"),
            ("usage", ["--management-cert", "c.pem", "--management-scheme", "https"], "--management-key"),
        ]
    )
    func mistakes(command: String, flags: [String], named: String) {
        let error = #expect(throws: (any Error).self) { try Paddler.parseAsRoot([command] + flags) }
        #expect(error.map { Paddler.message(for: $0) }?.contains(named) == true)
    }
}
