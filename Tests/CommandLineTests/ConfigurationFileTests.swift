import ArgumentParser
import Balancer
import FleetMetrics
import LlamaServer
import Testing

@testable import paddler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct ConfigurationFileTests {
    private func configuration(_ yaml: String) throws -> BalancerConfiguration {
        let file = try TemporaryFile(yaml)
        return try BalancerCommand.parse(["--config", file.path]).configuration(environment: [:])
    }

    @Test("values of all kinds are read")
    func kinds() throws {
        let configuration = try configuration(
            """
            # a comment
            reverseproxy-addr: 0.0.0.0:80
            management-addr: "[::1]:81"
            rewrite-host-header: yes
            slots-endpoint-enable: "true"
            statsd-enable: true
            statsd-tags: [env:test, "zone:a,rack:b"]
            buffered-request-timeout: 1.5s
            max-request-body: 1MiB
            max-buffered-requests: 10
            api-key:
              - first
              - 0123
            management-token: only
            """
        )
        #expect(configuration.reverseProxy.description == "0.0.0.0:80")
        #expect(configuration.management.description == "[::1]:81")
        #expect(configuration.rewritesHostHeader)
        #expect(configuration.enablesSlotsEndpoint)
        #expect(configuration.statsD?.tags == ["env:test", "zone:a", "rack:b"])
        #expect(configuration.queueTimeout == .milliseconds(1500))
        #expect(configuration.maximumBodyBytes == 1 << 20)
        #expect(configuration.maximumQueued == 10)
        #expect(configuration.apiKeys == ["first", "0123"])
        #expect(configuration.managementTokens == ["only"])
    }

    @Test(
        "a file may say nothing, and a key without a value says nothing",
        arguments: ["", "# later\n", "threads:\n", "threads: ~", "---\n"]
    )
    func nothing(yaml: String) throws {
        #expect(try configuration(yaml).threads == nil)
    }

    @Test(
        "a mistake is a usage error of one line that names the file and the key",
        arguments: [
            ("threds: 4", "threds: there is no such setting; did you mean threads?"),
            ("completely-different: 4", "completely-different: there is no such setting; keys are the names of flags"),
            ("monitoring-interval: 4", "monitoring-interval: there is no such setting"),
            ("\"thr\\e[31m\\neads\": 4", "thr\\u{1B}[31m\\neads: there is no such setting"),
            ("config: other.yaml", "config: there is no such setting"),
            ("threads: four", "threads: \"four\" is not a whole number"),
            ("threads: [1, 2]", "threads: takes one value, not a list"),
            ("threads: {a: 1}", "threads: takes a plain value"),
            ("api-key: [[a]]", "api-key: takes a list of plain values"),
            ("statsd-enable: 2", "statsd-enable: \"2\" is neither true nor false"),
            ("management-addr: a:1\nmanagement-host: b", "management-addr and "),
            ("threads: 1\nthreads: 2", "threads: given twice"),
            ("- threads", "there must be lines like"),
            ("threads", "there must be lines like"),
            ("a: \"\nb", "line 2: "),
            ("threads: 1\n  max: 2", "line 2: "),
        ]
    )
    func mistakes(yaml: String, complaint: String) throws {
        let file = try TemporaryFile(yaml)
        let error = try #require(throws: (any Error).self) { try BalancerCommand.parse(["--config", file.path]) }
        let message = BalancerCommand.message(for: error)
        #expect(message.contains("\(file.path): \(complaint)"))
        #expect(!message.contains("\n"))
        #expect(BalancerCommand.exitCode(for: error).rawValue == 64)
    }

    @Test("a file that isn't there, or isn't a file, is a usage error")
    func unreadable() throws {
        let file = try TemporaryFile("")
        for (path, complaint) in [("\(file.path)x", "there is no such file"), ("/", "cannot be read")] {
            let error = try #require(throws: (any Error).self) { try BalancerCommand.parse(["--config", path]) }
            #expect(BalancerCommand.message(for: error).contains(complaint))
            #expect(BalancerCommand.exitCode(for: error).rawValue == 64)
        }
    }

    @Test(
        "references, which can stand for more than any memory holds, are refused in one line",
        arguments: YAMLBombs.all + YAMLBombs.hidden
    )
    func references(yaml: String) throws {
        let file = try TemporaryFile(yaml)
        let error = try #require(throws: (any Error).self) { try BalancerCommand.parse(["--config", file.path]) }
        let message = BalancerCommand.message(for: error)
        #expect(message.contains("references aren't taken") && !message.contains("\n"), "\(message)")
        #expect(BalancerCommand.exitCode(for: error).rawValue == 64)
    }

    @Test("a star that refers to nothing is a star")
    func stars() throws {
        let configuration = try configuration("# the *best\nmanagement-token: \"*a\" # *b\napi-key: [c *d, 'e # *f']\n")
        #expect(configuration.managementTokens == ["*a"] && configuration.apiKeys == ["c *d", "e # *f"])
    }

    @Test(
        "a file in another encoding is refused, and no name in it is taken for another",
        arguments: [[0xE9], [0xFF, 0xFE]]
    )
    func encoding(bytes: [UInt8]) throws {
        let file = try TemporaryFile("")
        try Data(Array("api-key: caf".utf8) + bytes).write(to: URL(fileURLWithPath: file.path))
        let error = try #require(throws: (any Error).self) { try BalancerCommand.parse(["--config", file.path]) }
        #expect(BalancerCommand.message(for: error).contains("isn't text in UTF-8"))
        #expect(BalancerCommand.exitCode(for: error).rawValue == 64)
    }

    @Test("a file beyond all reason isn't read")
    func tooLarge() throws {
        let error = #expect(throws: (any Error).self) {
            try configuration("#" + String(repeating: "x", count: 1 << 20))
        }
        #expect(error.map { BalancerCommand.message(for: $0) }?.contains("larger than 1MiB") == true)
    }

    @Test("what is wrong with a key or a token is told without it")
    func secretsInComplaints() throws {
        let error = #expect(throws: (any Error).self) { try configuration("api-key: \"se\\tcret\"") }
        let message = error.map { BalancerCommand.message(for: $0) } ?? ""
        #expect(message.contains("api-key: "))
        #expect(!message.contains("se") || !message.contains("cret"))
    }
}
