import ArgumentParser
import Testing

@testable import paddler

struct PrintConfigTests {
    private func lines(
        _ command: (some ServiceCommand).Type,
        _ flags: [String],
        environment: [String: String] = [:]
    ) throws -> [String: [String]] {
        let command = try command.parse(flags)
        let text = try command.printedSettings(command.settings(environment: environment))
        let rows = text.split(separator: "\n").map { $0.split(separator: "  ").map { $0.trimmingSpaces } }
        return Dictionary(rows.map { ($0[0], Array($0[1...])) }) { first, _ in first }
    }

    @Test("each setting has a line with its value and its origin")
    func balancer() throws {
        let file = try TemporaryFile("management-host: 10.0.0.1\nrewrite-host-header: on")
        let lines = try lines(
            BalancerCommand.self,
            ["--config", file.path, "--request-buffer-size", "7", "--statsd-addr", "a:1", "--threads=2"],
            environment: ["PADDLER_MAX_REQUEST_BODY": "1024"]
        )
        #expect(lines["management-host"] == ["10.0.0.1", "\(file.path): management-host"])
        #expect(lines["management-port"] == ["8085", "default"])
        #expect(lines["rewrite-host-header"] == ["true", "\(file.path): rewrite-host-header"])
        #expect(lines["max-buffered-requests"] == ["7", "--request-buffer-size"])
        #expect(lines["statsd-host"] == ["a", "--statsd-addr"])
        #expect(lines["statsd-port"] == ["1", "--statsd-addr"])
        #expect(lines["threads"] == ["2", "--threads"])
        #expect(lines["max-request-body"] == ["1KiB", "PADDLER_MAX_REQUEST_BODY"])
        #expect(lines["upstream-ca-file"] == ["(none)", "default"])
        #expect(lines["trusted-proxies"] == ["(this machine)", "default"])
    }

    @Test("what follows another setting is shown as it comes out")
    func agent() throws {
        let lines = try lines(AgentCommand.self, ["--local-llamacpp-addr", "a:1", "--status-server-port", "2"])
        #expect(lines["external-llamacpp-host"] == ["a", "default"])
        #expect(lines["status-server-host"] == ["127.0.0.1", "default"])
        #expect(lines["status-server-port"] == ["2", "--status-server-port"])
        #expect(lines["monitoring-interval"] == ["5s", "default"])
    }

    @Test("models that the file lists are shown by their names")
    func models() throws {
        let file = try TemporaryFile("models: [{name: a, model: a.gguf}, {name: b, command: 'x ${port}'}]")
        #expect(try lines(ServeCommand.self, ["--config", file.path])["models"] == ["a, b", "\(file.path): models"])
        #expect(try lines(AgentCommand.self, ["--config", file.path])["models"] == ["a, b", "\(file.path): models"])
        #expect(try lines(AgentCommand.self, [])["models"] == ["(none)", "default"])
    }

    @Test("no secret is shown, wherever it comes from")
    func secrets() throws {
        let file = try TemporaryFile("management-token: hush")
        let command = try BalancerCommand.parse(["--config", file.path, "--api-key", "hush"])
        let settings = try command.settings(environment: ["PADDLER_UPSTREAM_API_KEY": "hush"])
        let text = try command.printedSettings(settings)
        #expect(!text.contains("hush"))
        #expect(text.split(separator: "\n").filter { $0.contains("(hidden)") }.count == 3)

        let agent = try AgentCommand.parse([
            "--llamacpp-api-key=hush", "--management-token=hush", "--upstream-api-key=hush",
        ])
        #expect(try !agent.printedSettings(agent.settings(environment: [:])).contains("hush"))
        #expect(!"\(agent)".contains("hush"))
    }

    @Test("the columns are aligned")
    func alignment() throws {
        let command = try AgentCommand.parse([])
        let text = try command.printedSettings(command.settings(environment: [:]))
        let ends = text.split(separator: "\n").map { $0.count - "default".count }
        #expect(Set(ends).count == 1)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
