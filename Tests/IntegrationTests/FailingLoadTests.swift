import Foundation
import LoopbackPorts
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Models that can't be loaded: those who wait for them are told why, and the other models don't notice.
@Suite(
    "Loads that fail",
    .serialized,
    .enabled(if: LlamaServerProcess.isAvailable && ProcessTable.isAvailable)
)
struct FailingLoadTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Of a shell.
        let script: String
        /// What is said of it.
        let words: String
    }

    private static let cases = [
        Case(
            testDescription: "it ends at once without an error",
            script: "exit 0",
            words: "it ended with exit code 0 before it was ready, and had printed nothing"
        ),
        Case(
            testDescription: "it finds no model",
            script: #"echo "failed to load model /no/such.gguf" >&2; exit 1"#,
            words:
                "it ended with exit code 1 before it was ready. The end of its log: failed to load model /no/such.gguf"
        ),
        Case(
            testDescription: "it is silent for longer than it may be",
            script: "echo loading; exec sleep 1000",
            words: "it was ended: it wasn't ready, and had been silent for 2 s. The end of its log: loading"
        ),
        Case(
            testDescription: "it ignores SIGTERM, too",
            script: #"trap "" TERM; echo loading; while true; do sleep 1; done"#,
            words: "it was ended: it wasn't ready, and had been silent for 2 s. The end of its log: loading"
        ),
        Case(
            testDescription: "it prints ten megabytes in one line",
            script: #"head -c 10000000 /dev/zero | tr "\\0" x; echo; echo out of memory; exit 7"#,
            words: "out of memory"
        ),
        Case(
            testDescription: "it isn't a program",
            script: "",
            words: "it couldn't be started: "
        ),
    ]

    private struct Host {
        let served: ServedModel

        func ask(_ model: String) async throws -> HTTPReply {
            try await RawClient.exchange(
                "POST",
                Chat.path,
                port: served.balancer.port,
                body: #"{"model":"\#(model)","messages":[{"role":"user","content":"Hello"}]}"#,
                within: .seconds(60)
            )
        }
    }

    /// - Parameters:
    ///   - entry: of the model `bad`, but for its name.
    ///   - memory: of which each of the two takes 100MB, unless it says otherwise.
    private func withBadModel(
        _ entry: String,
        memory: String = "1GB",
        in folder: URL,
        _ body: (Host) async throws -> Void
    ) async throws {
        let file = folder.appendingPathComponent("models.yaml")
        let server = try BuiltProducts.executable("FakeLlamaServer")
        let yaml = """
            memory: \(memory)
            models:
              - name: good
                command: \(server) --port ${port} --tokens 3
                memory: 100MB
              - name: bad
            \(entry)
            """
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        let process = try Paddler.start([
            "serve", "--config", file.path, "--load-timeout", "2s", "--reverseproxy-port", "0", "--management-port",
            "0",
        ])
        do {
            try await body(Host(served: try await ServedModel.start(process)))
            let children = ProcessTable.descendants(of: process.pid).map(\.pid)
            process.signal(SIGTERM)
            #expect(try await process.waitUntilExit(within: .seconds(60)) == .code(0))
            try await eventually("processes that are left", equals: []) { children.filter(ProcessTable.isRunning) }
        } catch {
            try await process.kill()
            for line in process.lines.suffix(60) { print("paddler serve: \(line)") }
            throw error
        }
    }

    private func command(_ script: String) -> String {
        "    command: >\n      sh -c '\(script)' ${port}\n    memory: 100MB"
    }

    @Test("who waits gets 503 with the reason, operators see it, and another model is served", arguments: cases)
    func reasons(of load: Case) async throws {
        try await withTemporaryFolder { folder in
            var entry = command(load.script)
            if load.script.isEmpty {
                let program = folder.appendingPathComponent("program").path
                try "\u{7f}ELF, or nearly".write(toFile: program, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
                entry = "    command: \(program) ${port}\n    memory: 100MB"
            }
            try await withBadModel(entry, in: folder) { host in
                let reply = try await host.ask("bad")
                #expect(reply.status == 503)
                #expect(reply.text.contains("the model 'bad' could not be loaded: "), "\(reply.text)")
                #expect(reply.text.contains(load.words), "\(reply.text)")
                let upstream = try await host.served.balancer.upstream(named: "bad")
                #expect(upstream?.condition == "failing")
                #expect(upstream?.error?.contains(load.words) == true, "\(upstream?.error ?? "")")
                #expect(try await host.ask("good").status == 200)
            }
        }
    }

    @Test("one that listens and never gets ready is ended, and its requests are told so")
    func neverReady() async throws {
        let script = """
            import socket, sys, time; s = socket.socket(); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(); time.sleep(999)
            """
        let entry = "    command: [python3, -c, '\(script)', \"${port}\"]\n    memory: 100MB"
        try await withTemporaryFolder { folder in
            try await withBadModel(entry, in: folder) { host in
                let reply = try await host.ask("bad")
                #expect(reply.status == 503)
                #expect(reply.text.contains("had been silent for 2 s, and had printed nothing"), "\(reply.text)")
                #expect(try await host.ask("good").status == 200)
            }
        }
    }

    @Test("one that is larger than its host is said so at the start, and to each who asks for it")
    func tooLarge() async throws {
        let entry = "    command: sleep 1000 ${port}\n    memory: 5GB"
        try await withTemporaryFolder { folder in
            try await withBadModel(entry, in: folder) { host in
                let reply = try await host.ask("bad")
                #expect(reply.status == 503)
                #expect(
                    reply.text.contains(
                        "the model 'bad' could not be loaded: it takes 5 GB of memory, and its host has 1 GB"
                    ),
                    "\(reply.text)"
                )
                #expect(
                    host.served.process.lines.contains {
                        $0.contains("the model takes more memory than there is") && $0.contains("model=bad")
                    }
                )
                #expect(try await host.ask("good").status == 200)
            }
        }
    }

    @Test("one that ignores SIGTERM makes room for another when it is killed, and is called unloading until then")
    func stubborn() async throws {
        let server = try BuiltProducts.executable("FakeLlamaServer")
        let script = #"trap "" TERM; \#(server) --port $0 --tokens 3 & while true; do sleep 1; done"#
        try await withTemporaryFolder { folder in
            try await withBadModel(command(script), memory: "150MB", in: folder) { host in
                #expect(try await host.ask("bad").status == 200)
                let children = ProcessTable.descendants(of: host.served.process.pid).map(\.pid)
                let management = "127.0.0.1:\(host.served.balancer.managementPort)"
                async let reply = host.ask("good")
                try await host.served.process.waitForLine(containing: "unloading the model")
                try await eventually("a model that is being unloaded") {
                    let models = try Paddler.start(["models", "--management-addr", management])
                    _ = try await models.waitUntilExit()
                    return models.lines.contains { $0.contains("bad") && $0.contains("unloading") }
                }
                let answer = try await reply
                #expect(answer.status == 200)
                #expect(host.served.process.lines.contains { $0.contains("llama-server doesn't end, and is killed") })
                try await eventually("processes that are left", equals: []) { children.filter(ProcessTable.isRunning) }
            }
        }
    }
}
