import AgentProtocol
import Foundation
import LlamaServer
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// An agent that runs several models, each in a real llama-server, as a balancer wishes it.
@Suite(
    "Models on demand",
    .serialized,
    .enabled(if: LlamaServerProcess.isAvailable && ProcessTable.isAvailable)
)
struct OnDemandTests {
    /// An agent that is connected, with the models of the file.
    private struct Host {
        let process: ChildProcess
        let balancer: WishingBalancer
        let folder: URL

        var servers: [pid_t] {
            ProcessTable.descendants(of: process.pid).filter { $0.command.contains("llama-server.py") }.map(\.pid)
        }

        /// Has it loaded, and waits until it is used.
        @discardableResult
        func load(_ name: String) async throws -> StatusReport {
            try await balancer.report(of: name, "a model") { $0.condition == .unloaded }
            try await balancer.say(.load(), to: name)
            return try await balancer.report(of: name, "a ready server") { $0.condition == .ready && $0.slots != nil }
        }

        func port(of name: String) throws -> Int { try balancer.agent(name).hello.address.port }
    }

    /// - Parameter yaml: `MODEL` stands for the tiny model's file, `TINY` for what else llama-server needs for it.
    private func withModels(
        _ yaml: String,
        environment: [String: String] = [:],
        _ body: (Host) async throws -> Void
    ) async throws {
        let variables = ProcessInfo.processInfo.environment
        let server = try #require(variables["LLAMA_SERVER"])
        let model = try #require(variables["TINY_MODEL"])
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("models.yaml")
            try yaml.replacing("MODEL", with: model)
                .replacing("TINY", with: (ServedModel.tiny + Chat.needs).joined(separator: " "))
                .replacing("SERVER", with: server)
                .replacing("FOLDER", with: folder.path)
                .write(to: file, atomically: true, encoding: .utf8)
            let balancer = try await WishingBalancer.start()
            let process = try Paddler.start(
                [
                    "agent", "--config", file.path, "--llama-server", server, "--management-addr",
                    "127.0.0.1:\(balancer.port)", "--status-server-port", "0",
                ],
                environment: environment
            )
            do {
                try await body(Host(process: process, balancer: balancer, folder: folder))
                try await process.kill()
            } catch {
                try await process.kill()
                for line in process.lines.suffix(40) { print("paddler agent: \(line)") }
                throw error
            }
        }
    }

    private func waitUntilGone(_ processes: [pid_t]) async throws {
        try await eventually("processes that are left", equals: []) { processes.filter(ProcessTable.isRunning) }
    }

    private static let two = """
        memory: 1GB
        models:
          - name: a
            model: MODEL
            arguments: TINY
            aliases: [x]
            memory: 600MB
          - name: b
            model: MODEL
            arguments: TINY
            memory: 600MB
        """

    @Test("both are known from the start; one that is wished is loaded, and its server answers")
    func loads() async throws {
        try await withModels(Self.two) { host in
            for name in ["a", "b"] {
                let report = try await host.balancer.report(of: name, "a model") { $0.condition == .unloaded }
                #expect(report.models == (name == "a" ? ["a", "x"] : ["b"]))
                #expect(report.onDemand == OnDemand(memoryBytes: 600_000_000))
            }
            let hosts = [try host.balancer.agent("a").hello.host, try host.balancer.agent("b").hello.host]
            #expect(hosts[0] != nil && hosts[0] == hosts[1])
            #expect(hosts[0]?.memoryBytes == 1_000_000_000)
            #expect(host.servers.isEmpty)

            let report = try await host.load("a")
            #expect(report.models == ["a", "x"])
            let milliseconds = try #require(report.onDemand?.loadMilliseconds)
            #expect(milliseconds > 0)
            #expect(try await Chat.short.exchange(port: host.port(of: "a")).status == 200)
            #expect(host.servers.count == 1)
            let listening = try await host.process.waitForLine(containing: "listener=status")
            let port = try #require(listening.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) })
            let status = try await RawClient.exchange("GET", "/api/v1/status", port: port)
            #expect(status.text.hasPrefix(#"{"agents":["#))
            #expect(status.text.contains(#""condition":"unloaded""#) && status.text.contains(#""condition":"ready""#))
            #expect(try host.balancer.agent("b").reports.last?.condition == .unloaded)
            #expect(!host.process.lines.contains { $0.contains(" WARNING ") || $0.contains(" ERROR ") })
        }
    }

    @Test("one that is unloaded while a request runs brings its answer to its end, and then makes room for the other")
    func unloads() async throws {
        try await withModels(Self.two) { host in
            let loaded = try await host.load("a")
            // For so long it isn't unloaded again.
            let stay = Duration.milliseconds(max(1000, loaded.onDemand?.loadMilliseconds ?? 0))
            let end = ContinuousClock.now + stay
            try await host.balancer.report(of: "b", "a model") { $0.condition == .unloaded }
            try await host.balancer.say(.load(), to: "b")
            let refused = try await host.balancer.report(of: "b", "a refusal") { $0.onDemand?.refusal != nil }
            #expect(refused.onDemand?.refusal?.reason == "no room: needs 600 MB, 400 MB of 1 GB are free")
            #expect(refused.condition == .unloaded)

            try await eventually("the end of its least stay") { ContinuousClock.now >= end }
            let body = #"{"prompt":"Hello","max_tokens":4000,"ignore_eos":true}"#
            let client = try RawClient(port: host.port(of: "a"))
            try await client.send(RawClient.request("POST", "/v1/completions", body: body))
            try await eventually("a busy slot") {
                try await RawClient.exchange("GET", "/slots", port: host.port(of: "a")).text
                    .contains(#""is_processing":true"#)
            }
            try await host.balancer.report(of: "a", "a server that leaves", saying: .unload()) { $0.isLeaving }
            let server = try #require(host.servers.first)
            let reply = try await client.reply(within: .seconds(180))
            #expect(reply.status == 200)
            #expect(reply.endedCleanly)
            #expect(ProcessTable.isRunning(server))
            try await host.balancer.say(.drained, to: "a")
            try await host.balancer.report(of: "a", "a server that is back") { !$0.isLeaving }
            #expect(!ProcessTable.isRunning(server))
            // Whoever hears that it doesn't leave any more knows that it isn't loaded.
            let reports = try host.balancer.agent("a").reports
            let since = reports.drop { !$0.isLeaving }
            #expect(!since.isEmpty)
            #expect(since.first { !$0.isLeaving }?.condition == .unloaded)
            try await host.load("b")
            #expect(host.servers.count == 1)
        }
    }

    @Test("what one takes is judged by its file until it is measured")
    func memory() async throws {
        try await withModels("models: [{name: a, model: MODEL, arguments: TINY}]") { host in
            let unloaded = try await host.balancer.report(of: "a", "a model") { $0.condition == .unloaded }
            let estimate = try #require(unloaded.onDemand?.memoryBytes)
            #expect(estimate > 400_000 && estimate < 1_000_000)
            #expect(try host.balancer.agent("a").hello.host.map { $0.memoryBytes > 100_000_000 } == true)
            try await host.load("a")
            try await host.balancer.report(of: "a", "a measurement") { report in
                report.onDemand.map { $0.memoryBytes > 5_000_000 } == true
            }
        }
    }

    @Test(
        "one whose flag is wrong is failing with the end of its log, and is tried again by the next wish after a pause"
    )
    func failing() async throws {
        let yaml = """
            models:
              - name: a
                model: MODEL
                arguments: --no-such-flag
            """
        try await withModels(yaml) { host in
            try await host.balancer.report(of: "a", "a model") { $0.condition == .unloaded }
            try await host.balancer.say(.load(), to: "a")
            func failure(_ report: StatusReport) -> String? {
                if case .failing(let words) = report.condition { words } else { nil }
            }
            let failed = try await host.balancer.report(of: "a", "a failure") { failure($0) != nil }
            #expect(failure(failed)?.contains("before it was ready") == true)
            #expect(failure(failed)?.contains("--no-such-flag") == true)
            try await host.balancer.say(.load(), to: "a")
            let refused = try await host.balancer.report(of: "a", "a refusal") { $0.onDemand?.refusal != nil }
            #expect(refused.onDemand?.refusal?.reason.contains("It is tried again in 1 s at the earliest") == true)
            // The second failure has the longer pause.
            try await host.balancer.report(of: "a", "another failure", saying: .load()) {
                $0.onDemand?.refusal?.reason.contains("It is tried again in 2 s at the earliest") == true
            }
            #expect(host.process.lines.count { $0.contains("starting llama-server") } == 2)
        }
    }

    @Test("a command gets its port, and no variables of paddler's")
    func command() async throws {
        let yaml = """
            models:
              - name: a
                command: >
                  sh -c 'env >FOLDER/variables; exec SERVER -m MODEL --host 127.0.0.1 --port ${port} TINY'
                environment: {MINE: yes}
                preload: true
                ttl: 1
            """
        try await withModels(yaml, environment: ["PADDLER_MANAGEMENT_TOKEN": "secret"]) { host in
            try await host.balancer.report(of: "a", "a preloaded model") { $0.condition == .ready }
            let variables = try String(contentsOf: host.folder.appendingPathComponent("variables"), encoding: .utf8)
            #expect(variables.contains("MINE=yes\n"))
            #expect(!variables.contains("PADDLER_"))
            // And goes by itself when nothing runs on it.
            try await host.balancer.report(of: "a", "a server that leaves") { $0.isLeaving }
            try await host.balancer.say(.drained, to: "a")
            try await host.balancer.report(of: "a", "an unloaded model") { $0.condition == .unloaded && !$0.isLeaving }
            #expect(host.servers.isEmpty)
        }
    }

    @Test(
        "a stop has all agents leave, and then ends all servers; a kill leaves nothing either",
        arguments: [SIGTERM, SIGKILL]
    )
    func ends(signal: Int32) async throws {
        try await withModels(Self.two.replacing("600MB", with: "100MB")) { host in
            for name in ["a", "b"] { try await host.load(name) }
            let children = ProcessTable.descendants(of: host.process.pid).map(\.pid)
            #expect(host.servers.count == 2)
            host.process.signal(signal)
            if signal == SIGTERM {
                for name in ["a", "b"] {
                    try await host.balancer.report(of: name, "a server that leaves") { $0.isLeaving }
                }
                for name in ["a", "b"] { try await host.balancer.say(.drained, to: name) }
                #expect(try await host.process.waitUntilExit() == .code(0))
                for name in ["a", "b"] { #expect(try host.balancer.agent(name).hasSaidGoodbye) }
            }
            try await waitUntilGone(children)
        }
    }

    @Test("a server that is killed is started again, which takes no other's room")
    func crash() async throws {
        try await withModels(Self.two) { host in
            try await host.load("a")
            let server = try #require(host.servers.first)
            kill(server, SIGKILL)
            try await eventually("another server", { host.servers.first }, satisfies: { $0 != nil && $0 != server })
            try await host.balancer.report(of: "b", "a refusal", saying: .load()) { $0.onDemand?.refusal != nil }
            try await host.balancer.report(of: "a", "a ready server") { $0.condition == .ready }
            #expect(try await Chat.short.exchange(port: host.port(of: "a")).status == 200)
        }
    }

    @Test("what is missing is said in one line before anything is started")
    func missing() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("m.yaml").path
            for (yaml, words, code) in [
                ("models: [{name: a, model: /no/such.gguf}]", "the model /no/such.gguf: no such file", 1),
                ("models: [{name: a, command: 'nosuch ${port}'}]", "the model a: there is no program nosuch", 1),
                ("models: [{name: a, modle: x}]", "modle: there is no such key; did you mean model?", 64),
            ] as [(String, String, Int32)] {
                try yaml.write(toFile: file, atomically: true, encoding: .utf8)
                let process = try Paddler.start(["agent", "--config", file, "--llama-server", "/bin/sh"])
                #expect(try await process.waitUntilExit() == .code(code))
                #expect(process.lines.last?.contains(words) == true, "\(process.lines)")
            }
        }
    }

    @Test("paddler serve runs the models of a llama-swap configuration, with its keys, and says what it leaves out")
    func llamaSwap() async throws {
        let variables = ProcessInfo.processInfo.environment
        let server = try #require(variables["LLAMA_SERVER"])
        let model = try #require(variables["TINY_MODEL"])
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("swap.yaml")
            let yaml = """
                startPort: 10001
                apiKeys: [sk-one]
                macros: {server: "\(server) -m \(model) --port ${PORT} \(ServedModel.tiny.joined(separator: " "))"}
                models:
                  first: {cmd: "${server}", aliases: [other]}
                hooks: {on_startup: {preload: [first]}}
                """
            try yaml.write(to: file, atomically: true, encoding: .utf8)
            let process = try Paddler.start([
                "serve", "--llama-swap-config", file.path, "--reverseproxy-port", "0", "--management-port", "0",
            ])
            let served = try await ServedModel.start(process)
            let body = #"{"model":"other","prompt":"Hello","max_tokens":4}"#
            for (headers, status) in [([:], 401), (["Authorization": "Bearer sk-one"], 200)]
                as [([String: String], Int)]
            {
                let reply = try await RawClient.exchange(
                    "POST",
                    "/v1/completions",
                    port: served.balancer.port,
                    headers: headers,
                    body: body,
                    within: .seconds(60)
                )
                #expect(reply.status == status, "\(reply.text)")
            }
            #expect(process.lines.contains { $0.contains("llama-swap's startPort is left out") })
            process.signal(SIGINT)
            #expect(try await process.waitUntilExit() == .code(0))
        }
    }

    @Test("paddler serve with several models answers by the first at once, and leaves nothing")
    func serve() async throws {
        let model = try #require(ProcessInfo.processInfo.environment["TINY_MODEL"])
        try await withTemporaryFolder { folder in
            let other = folder.appendingPathComponent("other.gguf")
            try FileManager.default.copyItem(atPath: model, toPath: other.path)
            try await withServedModel(["-m", other.path]) { served in
                #expect(served.curl.contains(#""model":"tiny""#))
                let body = #"{"model":"tiny","prompt":"Hello","max_tokens":4}"#
                let reply = try await RawClient.exchange(
                    "POST",
                    "/v1/completions",
                    port: served.balancer.port,
                    body: body,
                    within: .seconds(60)
                )
                #expect(reply.status == 200, "\(reply.text)")
                try await eventually("the other one's condition", equals: "unloaded") {
                    try await served.balancer.upstream(named: "other")?.condition
                }
                let children = ProcessTable.descendants(of: served.process.pid).map(\.pid)
                served.process.signal(SIGINT)
                #expect(try await served.process.waitUntilExit() == .code(0))
                try await waitUntilGone(children)
            }
        }
    }
}
