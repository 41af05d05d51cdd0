import LoopbackPorts
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What people see who start it wrongly: one line and an exit code.
@Suite("Mistakes on the command line")
struct CommandLineErrorsTests {
    private struct Outcome {
        let exit: ChildProcess.Exit
        let lines: [String]
    }

    private static func run(_ arguments: [String]) async throws -> Outcome {
        let process = try Paddler.start(arguments)
        return Outcome(exit: try await process.waitUntilExit(within: .seconds(60)), lines: process.lines)
    }

    @Test(
        "a mistake in the flags is one line and exit code 64",
        arguments: [
            ("balancer --nope", "Unknown option '--nope'; see paddler balancer --help"),
            ("agent --nam x", "Unknown option '--nam'. Did you mean '--name'? See paddler agent --help"),
            ("--nope", "Unknown option '--nope'; see paddler --help"),
            ("gateway", "\"gateway\" is not a command; see paddler --help"),
            ("serve", "which model? Give its file, as in: paddler serve -m model.gguf; see paddler serve --help"),
            (
                "serve -m a.gguf -np 4",
                "Unknown option '-np'. What is llama-server's goes behind a --; see paddler serve --help"
            ),
            (
                "serve -m a.gguf -- --port 1",
                "--port: paddler chooses where llama-server listens; where clients connect is --reverseproxy-addr; "
                    + "see paddler serve --help"
            ),
            ("balancr", "\"balancr\" is not a command. Did you mean \"balancer\"? See paddler --help"),
            ("blancer --help", "\"blancer\" is not a command. Did you mean \"balancer\"? See paddler --help"),
            ("help agents", "\"agents\" is not a command. Did you mean \"agent\"? See paddler --help"),
            (
                "balancer --port 1",
                "Unknown option '--port'. Did you mean '--reverseproxy-port'? See paddler balancer --help"
            ),
            (
                "agent --host a",
                "Unknown option '--host'. Did you mean '--local-llamacpp-host'? See paddler agent --help"
            ),
            (
                "balancer --max-buffered-requests -1",
                "--max-buffered-requests: must not be less than 0; see paddler balancer --help"
            ),
            (
                "balancer --management-tls-cert a.pem",
                "each --management-tls-cert needs its --management-tls-key, in the same order: there are 1 of the first "
                    + "and 0 of the second; see paddler balancer --help"
            ),
            (
                "certificate https://a",
                "\"https://a\" is neither a host name nor an IP address; write for example gateway.lan or 10.0.0.5, without scheme and port; see paddler certificate --help"
            ),
            ("balancer --management-port", "Missing value for '--management-port <port>'; see paddler balancer --help"),
            (
                "balancer --reverseproxy-port http",
                "--reverseproxy-port: \"http\" is not a port; give one from 0 to 65535; see paddler balancer --help"
            ),
            (
                "balancer --reverseproxy-port 70000",
                "--reverseproxy-port: 70000 is not a port; give one from 0 to 65535; see paddler balancer --help"
            ),
            (
                "balancer --reverseproxy-addr ::1:8086",
                "--reverseproxy-addr: \"::1:8086\": an IPv6 address needs brackets before a port; "
                    + "write [address]:port, for example [::1]:8088; see paddler balancer --help"
            ),
            (
                "balancer --management-addr http://127.0.0.1:8085/",
                "--management-addr: \"http://127.0.0.1:8085/\" is more than an address; "
                    + "write host:port alone, for example 127.0.0.1:8088; see paddler balancer --help"
            ),
            (
                "balancer --management-port 8086",
                "both listeners are to use 127.0.0.1:8086; choose another --management-port or --reverseproxy-port; "
                    + "see paddler balancer --help"
            ),
            (
                "balancer --buffered-request-timeout soon",
                "--buffered-request-timeout: \"soon\" is not a duration; "
                    + "write for example 500ms, 10s or 2m (a bare number is seconds); see paddler balancer --help"
            ),
            (
                "balancer --log-level loud",
                "--log-level: \"loud\" is none of trace, debug, info, notice, warning, error, critical; see paddler balancer --help"
            ),
            (
                "agent --local-llamacpp-addr 127.0.0.1",
                "--local-llamacpp-addr: \"127.0.0.1\" has no port; write host:port, for example 127.0.0.1:8088; "
                    + "see paddler agent --help"
            ),
            (
                "agent --management-addr 127.0.0.1:1 --management-port 1",
                "--management-addr and --management-port say the same thing; use one or the other; see paddler agent --help"
            ),
            (
                "agent --monitoring-interval 1ms",
                "--monitoring-interval: must be at least 100ms; see paddler agent --help"
            ),
        ]
    )
    func usage(command: String, complaint: String) async throws {
        let outcome = try await Self.run(command.split(separator: " ").map(String.init))
        #expect(outcome.lines == ["error: " + complaint])
        #expect(outcome.exit == .code(64))
    }

    @Test(
        "what is missing to serve a model is one line and exit code 1",
        arguments: [
            ("serve -m /nowhere/a.gguf --llama-server /bin/sh", "the model /nowhere/a.gguf: no such file"),
            ("serve -m /bin --llama-server /bin/sh", "the model /bin: it is a folder; name a GGUF file in it"),
            ("serve -m /bin/sh --llama-server /nowhere/a", "--llama-server /nowhere/a: no such file"),
            ("serve -m /bin/sh --llama-server /etc/passwd", "--llama-server /etc/passwd: it can't be executed"),
        ]
    )
    func missing(command: String, complaint: String) async throws {
        let outcome = try await Self.run(command.split(separator: " ").map(String.init))
        #expect(outcome.lines == ["error: " + complaint])
        #expect(outcome.exit == .code(1))
    }

    @Test("who has no llama-server is told where to get one")
    func noServer() async throws {
        let process = try Paddler.start(["serve", "-m", "/bin/sh"], environment: ["PATH": "/nowhere"])
        #expect(try await process.waitUntilExit() == .code(1))
        #expect(process.lines.count == 1)
        #expect(
            process.lines.first?.hasPrefix("error: there is no llama-server on the PATH: install llama.cpp") == true
        )
    }

    @Test(
        "a port that is taken is one line and exit code 1",
        arguments: [
            ("--reverseproxy-port", "--management-port", "the reverse proxy"),
            ("--management-port", "--reverseproxy-port", "management"),
        ]
    )
    func portTaken(flag: String, other: String, purpose: String) async throws {
        let taken = try SilentPort()
        let outcome = try await Self.run(["balancer", flag, "\(taken.port)", other, "0"])
        #expect(
            outcome.lines == [
                "error: cannot listen on 127.0.0.1:\(taken.port) for \(purpose): address already in use "
                    + "(is another balancer running? choose another with \(flag))"
            ]
        )
        #expect(outcome.exit == .code(1))
    }

    @Test(
        "a name that cannot be resolved is one line and exit code 1",
        arguments: [
            ("--reverseproxy-host", "--management-port", "the reverse proxy", 8086),
            ("--management-host", "--reverseproxy-port", "management", 8085),
        ]
    )
    func unresolvable(flag: String, other: String, purpose: String, port: Int) async throws {
        // RFC 1035 2.3.4: a label has 63 letters at most, so no resolver is asked.
        let name = String(repeating: "a", count: 64)
        // With a token, since a management address that isn't this machine's gets a warning without one.
        let outcome = try await Self.run(["balancer", flag, name, other, "0", "--management-token", "hush"])
        #expect(
            outcome.lines == [
                "error: cannot listen on \(name):\(port) for \(purpose): "
                    + "this name does not resolve to an address (see \(flag))"
            ]
        )
        #expect(outcome.exit == .code(1))
    }

    @Test("an agent that cannot resolve its balancer's name says so once and tries again")
    func agentWithUnresolvableBalancer() async throws {
        let name = String(repeating: "a", count: 64)
        let server = try ClosedPort()
        let agent = try Paddler.start([
            "agent", "--management-host", name, "--local-llamacpp-port", "\(server.port)", "--log-level", "debug",
        ])
        let complaint = "no connection to the balancer"
        let line = try await agent.waitForLine(containing: complaint)
        #expect(line.contains("WARNING"))
        #expect(line.contains("the name \(name) cannot be resolved"))
        try await eventually("attempts") { agent.lines.count { $0.contains(complaint) } > 2 }
        #expect(agent.lines.count { $0.contains(complaint) && $0.contains("WARNING") } == 1)
        agent.signal(SIGTERM)
        #expect(try await agent.waitUntilExit() == .code(0))
    }

    @Test(
        "--version is the version alone",
        arguments: ["--version", "version", "balancer --version", "agent --version"]
    )
    func version(command: String) async throws {
        let outcome = try await Self.run(command.split(separator: " ").map(String.init))
        #expect(outcome.exit == .code(0))
        #expect(outcome.lines.count == 1)
        #expect(outcome.lines.first?.wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
    }

    @Test(
        "--help names what there is",
        arguments: [
            ("--help", ["agent", "balancer", "--version"]),
            ("", ["agent", "balancer", "--version"]),
            (
                "balancer --help",
                ["--reverseproxy-addr", "--management-addr", "--max-buffered-requests", "--log-level"]
            ),
            ("agent --help", ["--local-llamacpp-addr", "--management-addr", "--name", "--log-format"]),
        ]
    )
    func help(command: String, words: [String]) async throws {
        let outcome = try await Self.run(command.split(separator: " ").map(String.init))
        let text = outcome.lines.joined(separator: "\n")
        #expect(outcome.exit == .code(0))
        for word in words { #expect(text.contains(word)) }
    }
}
