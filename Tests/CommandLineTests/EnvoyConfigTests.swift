import ArgumentParser
import Foundation
import Testing
import Yams

@testable import paddler

@Suite("The printed configuration of an Envoy")
struct EnvoyConfigTests {
    private func text(_ arguments: String...) throws -> String {
        try EnvoyConfigCommand.parse(arguments).configuration().text
    }

    @Test("the one in packaging is what is printed")
    func packaged() throws {
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL
        let file = try String(contentsOf: root.appending(path: "packaging/envoy/envoy.yaml"), encoding: .utf8)
        #expect(try text() == file)
    }

    @Test("whatever is asked for, it is YAML, and says it")
    func everything() throws {
        let printed = try text(
            "--bodies",
            "--listen",
            "[::]:8443",
            "--admin",
            "127.0.0.1:1",
            "--max-request-body",
            "5MiB",
            "--tls-cert",
            "/etc/a \"b\".pem",
            "--tls-key",
            "/etc/a.key",
            "--picker-ca",
            "/etc/ca.pem",
            "--picker-client-cert",
            "/etc/c.pem",
            "--picker-client-key",
            "/etc/c.key",
            "--picker-addr",
            "first:1",
            "--picker-addr",
            "second:2"
        )
        let configuration = try #require(try Yams.load(yaml: printed) as? [String: Any])
        let resources = try #require(configuration["static_resources"] as? [String: Any])
        let listeners = try #require(resources["listeners"] as? [[String: Any]])
        let clusters = try #require(resources["clusters"] as? [[String: Any]])
        #expect(listeners.map { $0["name"] as? String } == ["front", "pick"])
        #expect(clusters.map { $0["name"] as? String } == ["pick", "llama", "paddler"])
        #expect(listeners[1]["per_connection_buffer_limit_bytes"] as? Int == 5 << 20)
        #expect(clusters[2]["transport_socket"] != nil)
        let chains = try #require(listeners[0]["filter_chains"] as? [[String: Any]])
        #expect(chains[0]["transport_socket"] != nil)
        for word in [
            "max_request_bytes: 5242880", "request_body_mode: BUFFERED", #"filename: "/etc/a \"b\".pem""#, "/etc/c.key",
            #"{ address: "::", port_value: 8443 }"#, #"{ address: "second", port_value: 2 }"#, "priority: 1",
        ] { #expect(printed.contains(word), "\(word)") }
    }

    @Test(
        "what makes no sense is refused in words",
        arguments: [
            (["--listen", "8080"], "--listen"), (["--picker-addr", "x"], "--picker-addr"),
            (["--max-request-body", "0"], "--max-request-body: must be more than 0"),
            (["--tls-cert", "a"], "--tls-cert and --tls-key belong together"),
            (["--picker-client-cert", "a", "--picker-client-key", "b"], "give --picker-ca, too"),
        ]
    )
    func refused(arguments: [String], words: String) {
        let error = #expect(throws: (any Error).self) { try EnvoyConfigCommand.parse(arguments) }
        #expect(error.map { EnvoyConfigCommand.message(for: $0) }?.contains(words) == true)
    }
}
