import ArgumentParser
import Balancer
import LlamaServer
import RequestRecords
import RequestTracing
import Testing

@testable import paddler

struct BalancerFlagsTests {
    private func configuration(_ arguments: String...) throws -> BalancerConfiguration {
        try BalancerCommand.parse(arguments).configuration()
    }

    @Test("without flags it listens on the usual ports of this machine with the usual limits")
    func defaults() throws {
        let configuration = try configuration()
        #expect(configuration.management == NetworkAddress(host: "127.0.0.1", port: 8085))
        #expect(configuration.reverseProxy == NetworkAddress(host: "127.0.0.1", port: 8086))
        #expect(configuration.maximumQueued == 1024)
        #expect(configuration.queueTimeout == .seconds(60))
        #expect(configuration.maximumBodyBytes == 64 << 20)
        #expect(configuration.maximumBufferedBytes == 512 << 20)
        #expect(configuration.threads == nil)
    }

    @Test(
        "up to how many servers /metrics tells of is a number, or off",
        arguments: [("off", 0), ("OFF", 0), ("0", 0), ("250", 250)]
    )
    func metricsUpstreams(text: String, count: Int) throws {
        #expect(try configuration("--metrics-upstreams", text).metricsUpstreams == count)
        #expect(try configuration().metricsUpstreams == 1000)
        for wrong in ["-1", "many", ""] {
            #expect(throws: (any Error).self) { try configuration("--metrics-upstreams", wrong) }
        }
    }

    @Test("every flag reaches the configuration")
    func everyFlag() throws {
        let configuration = try configuration(
            "--management-addr",
            "[::1]:0",
            "--reverseproxy-host",
            "0.0.0.0",
            "--reverseproxy-port",
            "80",
            "--max-buffered-requests",
            "0",
            "--buffered-request-timeout",
            "500ms",
            "--max-request-body",
            "1MB",
            "--max-buffered-bytes",
            "1GiB",
            "--threads",
            "3"
        )
        #expect(configuration.management == NetworkAddress(host: "::1", port: 0))
        #expect(configuration.reverseProxy == NetworkAddress(host: "0.0.0.0", port: 80))
        #expect(configuration.maximumQueued == 0)
        #expect(configuration.queueTimeout == .milliseconds(500))
        #expect(configuration.maximumBodyBytes == 1_000_000)
        #expect(configuration.maximumBufferedBytes == 1 << 30)
        #expect(configuration.threads == 3)
    }

    @Test(
        "flags that contradict each other or can't be read are usage errors that name the flag",
        arguments: [
            (["--reverseproxy-addr", "a:1", "--reverseproxy-port", "2"], "--reverseproxy-port"),
            (["--management-addr", "a:1", "--management-host", "b"], "--management-host"),
            (["--management-addr", "::1:8085"], "--management-addr"),
            (["--reverseproxy-port", "-1"], "--reverseproxy-port"),
            (["--reverseproxy-port", "9000", "--management-port", "9000"], "both listeners"),
            (["--max-buffered-requests", "-1"], "--max-buffered-requests"),
            (["--buffered-request-timeout", "0"], "--buffered-request-timeout"),
            (["--max-request-body", "0"], "--max-request-body"),
            (["--max-request-body", "8GiB", "--max-buffered-bytes", "16GiB"], "must not be more than 2GiB"),
            (["--request-body-min-rate", "2GiB"], "--request-body-min-rate"),
            (["--max-request-body", "2GiB", "--max-buffered-bytes", "1GiB"], "--max-buffered-bytes"),
            (["--threads", "0"], "--threads"),
            (
                ["--otlp-endpoint", "127.0.0.1:4318"],
                "--otlp-endpoint: \"127.0.0.1:4318\" is not the URL of a collector"
            ),
            (["--otlp-sample", "10%"], "--otlp-sample: \"10%\" is not a number from 0 to 1"),
            (["--otlp-sample", "nan"], "--otlp-sample"),
            (["--otlp-header", "secret"], "--otlp-header: has no colon"),
            (["--otlp-header", "Host: a"], "--otlp-header: Host is set by the balancer itself"),
            (["--log-level", "loud"], "--log-level"),
            (["--log-format", "xml"], "--log-format"),
        ]
    )
    func usageErrors(arguments: [String], mention: String) throws {
        let error = try #require(throws: (any Error).self) { try BalancerCommand.parse(arguments) }
        #expect(BalancerCommand.exitCode(for: error).rawValue == 64)
        #expect(BalancerCommand.fullMessage(for: error).contains(mention))
    }

    @Test("requests are traced where there is a collector: all of them, without further words")
    func tracing() throws {
        #expect(try configuration("--otlp-sample", "0.5").tracing == nil)
        let plain = try #require(try configuration("--otlp-endpoint", "http://otel:4318").tracing)
        #expect(
            plain.endpoint.url == "http://otel:4318/v1/traces" && plain.sampling.fraction == 1 && plain.headers == []
        )
        let arguments = ["--otlp-endpoint", "https://otel/x", "--otlp-sample", "0.25"]
        let headers = ["--otlp-header", "Authorization: Bearer a:b", "--otlp-header", "X-Scope-OrgID:7"]
        let full = try #require(try BalancerCommand.parse(arguments + headers).configuration().tracing)
        #expect(full.endpoint.url == "https://otel/x" && full.sampling.fraction == 0.25)
        #expect(full.headers.map(\.name) == ["Authorization", "X-Scope-OrgID"])
        #expect(full.headers.map(\.value) == ["Bearer a:b", "7"])
        #expect(!"\(full)".contains("Bearer"))
    }

    @Test("help shows the defaults")
    func help() {
        // Wherever its lines end.
        let help = BalancerCommand.helpMessage(columns: 120).split { $0.isWhitespace }.joined(separator: " ")
        for text in [
            "default: 1024", "default: 60s", "default: 64MiB", "default: 512MiB", "default: 8086", "default: 8085",
        ] {
            #expect(help.contains(text), "\(text)")
        }
    }
}
