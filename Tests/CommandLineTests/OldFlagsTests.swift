import Agent
import ArgumentParser
import Balancer
import FleetMetrics
import LlamaServer
import Testing

@testable import paddler

/// Command lines of Paddler 0.10, of 1.2 and of what came after it.
struct OldFlagsTests {
    private func balancer(_ line: String) throws -> BalancerConfiguration {
        try BalancerCommand.parse(OldArguments.modern(words(line))).configuration(environment: [:])
    }

    private func agent(_ line: String) throws -> AgentConfiguration {
        try AgentCommand.parse(OldArguments.modern(words(line))).configuration(environment: [:])
    }

    private func words(_ line: String) -> [String] {
        line.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    @Test("all of an agent's flags of 0.10 mean what they meant")
    func agent010() throws {
        let configuration = try agent(
            """
            --agent-reporting-interval-miliseconds 1500 --external-llamacpp-host 10.0.0.5 --external-llamacpp-port 81
            --external-llamacpp-scheme https --local-llamacpp-api-key secret --local-llamacpp-host 10.0.0.6
            --local-llamacpp-port 82 --local-llamacpp-scheme https --management-host lb --management-port 83
            --management-scheme https --name gpu-1 --status-server-host 0.0.0.0 --status-server-port 84
            --status-server-scheme http
            """
        )
        #expect(configuration.monitoringInterval == .milliseconds(1500))
        #expect(configuration.external == NetworkAddress(host: "10.0.0.5", port: 81))
        #expect(configuration.externalUsesTLS)
        #expect(configuration.apiKey == "secret")
        #expect(configuration.local == NetworkAddress(host: "10.0.0.6", port: 82))
        #expect(configuration.localUsesTLS)
        #expect(configuration.management == [NetworkAddress(host: "lb", port: 83)])
        #expect(configuration.managementUsesTLS)
        #expect(configuration.name == "gpu-1")
        #expect(configuration.statusServer == NetworkAddress(host: "0.0.0.0", port: 84))
    }

    @Test("all of an agent's flags of 1.2 mean what they meant")
    func agent12() throws {
        let configuration = try agent(
            """
            --external-llamacpp-addr gpu:81 --local-llamacpp-addr [::1]:82 --llamacpp-api-key secret
            --management-addr lb:83 --monitoring-interval 7 --name gpu-1
            """
        )
        #expect(configuration.external == NetworkAddress(host: "gpu", port: 81))
        #expect(configuration.local == NetworkAddress(host: "::1", port: 82))
        #expect(configuration.apiKey == "secret")
        #expect(configuration.management == [NetworkAddress(host: "lb", port: 83)])
        #expect(configuration.monitoringInterval == .seconds(7))
        #expect(configuration.name == "gpu-1")
        #expect(configuration.statusServer == nil)
    }

    @Test("all of a balancer's flags of 0.10 mean what they meant")
    func balancer010() throws {
        let configuration = try balancer(
            """
            --management-dashboard-enable --management-host 10.0.0.1 --management-port 91 --management-scheme http
            --reverseproxy-host 0.0.0.0 --reverseproxy-port 92 --reverseproxy-scheme http --statsd-enable
            --statsd-host 10.0.0.9 --statsd-port 93 --statsd-scheme http --request-buffer-size 20
            --request-buffer-timeout 1m30s --rewrite-host-header=true
            """
        )
        #expect(configuration.enablesDashboard)
        #expect(configuration.management == NetworkAddress(host: "10.0.0.1", port: 91))
        #expect(configuration.reverseProxy == NetworkAddress(host: "0.0.0.0", port: 92))
        #expect(configuration.statsD?.address == NetworkAddress(host: "10.0.0.9", port: 93))
        #expect(configuration.maximumQueued == 20)
        #expect(configuration.queueTimeout == .seconds(90))
        #expect(configuration.rewritesHostHeader)
    }

    @Test("all of a balancer's flags of 1.2 and the July 2025 main mean what they meant")
    func balancer12() throws {
        let configuration = try balancer(
            """
            --management-addr 10.0.0.1:91 --management-dashboard-enable --reverseproxy-addr 0.0.0.0:92
            --rewrite-host-header --slots-endpoint-enable --statsd-addr 10.0.0.9:93 --statsd-prefix llama
            --statsd-reporting-interval 20 --buffered-request-timeout 10s --max-buffered-requests 30
            --management-cors-allowed-host http://a --management-cors-allowed-host http://b
            --metrics-endpoint-enable
            """
        )
        #expect(configuration.management == NetworkAddress(host: "10.0.0.1", port: 91))
        #expect(configuration.reverseProxy == NetworkAddress(host: "0.0.0.0", port: 92))
        #expect(configuration.enablesDashboard)
        #expect(configuration.rewritesHostHeader)
        #expect(configuration.enablesSlotsEndpoint)
        #expect(configuration.statsD?.address == NetworkAddress(host: "10.0.0.9", port: 93))
        #expect(configuration.statsD?.prefix == "llama")
        #expect(configuration.statsD?.interval == .seconds(20))
        #expect(configuration.queueTimeout == .seconds(10))
        #expect(configuration.maximumQueued == 30)
        #expect(configuration.managementAllowedOrigins == ["http://a", "http://b"])
    }

    @Test("0.10's flags may have one dash")
    func oneDash() throws {
        #expect(try balancer("-management-port 91 -statsd-enable=true").management.port == 91)
        #expect(OldArguments.modern(["-h", "-x", "--", "-name"]) == ["-h", "-x", "--", "-name"])
    }

    @Test(
        "what is on or off reads with and without a value, and the last word counts",
        arguments: [
            ("--statsd-enable", true), ("--statsd-enable=true", true), ("--statsd-enable=false", false),
            ("--statsd-enable false", false), ("--statsd-enable --threads 2", true), ("", false),
            ("--statsd-enable --statsd-enable=false", false), ("--statsd-addr a:1", true),
            ("--statsd-addr a:1 --statsd-enable=false", false), ("--statsd-host a --statsd-port 1", false),
        ]
    )
    func onOff(line: String, isOn: Bool) throws {
        #expect(try (balancer(line).statsD != nil) == isOn)
    }

    @Test("one spelling may repeat the other")
    func twoSpellings() throws {
        #expect(try balancer("--request-buffer-size 7 --max-buffered-requests 7").maximumQueued == 7)
        let agent = try agent("--monitoring-interval 2s --agent-reporting-interval-miliseconds 2000")
        #expect(agent.monitoringInterval == .seconds(2))
    }

    @Test("empty values that are 0.10's own defaults mean what they meant")
    func emptyValues() throws {
        let agent = try AgentCommand.parse(
            OldArguments.modern([
                "--name", "", "--local-llamacpp-api-key", "", "--management-host", "", "--local-llamacpp-host", "",
                "--external-llamacpp-host", "", "--local-llamacpp-scheme", "", "--management-scheme=",
                "--status-server-host", "", "--status-server-scheme", "",
            ])
        ).configuration(environment: [:])
        #expect(agent.name == nil && agent.apiKey == nil && !agent.managementUsesTLS)
        #expect(agent.management == [NetworkAddress(host: "127.0.0.1", port: 8085)])
        #expect(agent.local == NetworkAddress(host: "127.0.0.1", port: 8088))
        #expect(agent.statusServer == NetworkAddress(host: AllAddresses.host, port: 8087))

        let balancer = try BalancerCommand.parse([
            "--management-host", "", "--reverseproxy-host", "", "--statsd-host", "", "--statsd-scheme", "",
        ]).configuration(environment: [:])
        #expect(balancer.management == NetworkAddress(host: AllAddresses.host, port: 8085))
        #expect(balancer.reverseProxy == NetworkAddress(host: AllAddresses.host, port: 8086))
    }

    @Test("an empty key never opens a door", arguments: ["--api-key", "--management-token", "--upstream-api-key"])
    func emptyKey(flag: String) throws {
        let error = try #require(throws: (any Error).self) { try BalancerCommand.parse([flag, ""]) }
        #expect(BalancerCommand.message(for: error).contains("\(flag): is empty"))
    }

    @Test("a listener's scheme is accepted whatever it says, and something else than http is warned of")
    func listenerSchemes() throws {
        func warned(_ flags: [String]) throws -> [String] {
            let lines = RecordedLines()
            let schemes = [BalancerSettings.reverseProxyScheme, BalancerSettings.managementScheme]
            try PlainListenerWarning(BalancerCommand.parse(flags).settings(environment: [:]), schemes).log(
                to: lines.logger
            )
            return lines.all
        }
        #expect(try warned(["--management-scheme", "HTTP", "--reverseproxy-scheme", ""]).isEmpty)
        let lines = try warned(["--management-scheme", "https", "--reverseproxy-scheme", "tcp"])
        #expect(lines.count == 2)
        #expect(lines.last?.hasSuffix("setting=--management-scheme\n") == true)
    }

    @Test("values as Go takes them", arguments: [("+5s", 5_000), ("1500000us", 1500), ("2µs1s", 1000)])
    func durations(text: String, milliseconds: Int) throws {
        let flag = try DurationFlag(parsing: text)
        #expect(Int(flag.duration / .milliseconds(1)) == milliseconds)
    }

    @Test("an interval that is shorter than possible is the shortest")
    func shortInterval() throws {
        #expect(try agent("--agent-reporting-interval-miliseconds 20").monitoringInterval == .milliseconds(100))
    }

    @Test(
        "command lines that only 0.10 or habit explain are understood",
        arguments: [
            ("agent --name -x", "agent --name=-x"),
            ("balancer -request-buffer-size -1", "balancer --request-buffer-size=-1"),
            ("version", "--version"), ("h agent", "help agent"), ("agent help", "help agent"),
            ("agent --name -h", "agent --name -h"),
            ("agent --name -management-port 1", "agent --name --management-port 1"),
            ("balancer --statsd-enable -x", "balancer --statsd-enable -x"),
        ]
    )
    func commandLines(given: String, understood: String) {
        #expect(OldArguments.modern(words(given)) == words(understood))
    }

    @Test(
        "what contradicts itself, can't be or is no longer meant is a usage error that names the flag",
        arguments: [
            ("balancer", "--request-buffer-size 7 --max-buffered-requests 8", "--request-buffer-size"),
            ("balancer", "--request-buffer-timeout 7s --buffered-request-timeout 8s", "--request-buffer-timeout"),
            ("balancer", "--statsd-addr a:1 --statsd-port 1", "--statsd-port"),
            ("balancer", "--statsd-enable=perhaps", "--statsd-enable"),
            ("balancer", "--statsd-prefix a:b", "--statsd-prefix"),
            ("balancer", "--statsd-tags a|b", "--statsd-tags"),
            ("balancer", "--statsd-reporting-interval 0", "--statsd-reporting-interval"),
            ("agent", "--monitoring-interval 2s --agent-reporting-interval-miliseconds 200", "-miliseconds"),
            ("agent", "--agent-reporting-interval-miliseconds 1s", "-miliseconds"),
            ("agent", "--agent-reporting-interval-miliseconds 0", "-miliseconds"),
            ("agent", "--llamacpp-api-key a --local-llamacpp-api-key b", "--llamacpp-api-key"),
            ("agent", "--status-server-addr a:1 --status-server-host b", "--status-server-host"),
            ("agent", "--external-llamacpp-scheme tls", "http, https"),
            ("agent", "--dialect 2.x", "current, 0.10, 1.x"),
        ]
    )
    func usageErrors(command: String, line: String, mention: String) throws {
        let error = try #require(throws: (any Error).self) { try Paddler.parseAsRoot([command] + words(line)) }
        #expect(Paddler.exitCode(for: error).rawValue == 64)
        #expect(Paddler.message(for: error).contains(mention))
    }
}
