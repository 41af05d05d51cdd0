import Foundation
import LoopbackPorts
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One command for everything. They look into /proc for what is left.
@Suite(
    "paddler serve",
    .serialized,
    .enabled(if: LlamaServerProcess.isAvailable && ProcessTable.isAvailable)
)
struct ServeTests {
    private func waitUntilGone(_ processes: [pid_t]) async throws {
        try await eventually("processes that are left", equals: []) { processes.filter(ProcessTable.isRunning) }
    }

    /// A program that behaves like llama-server, in a folder of its own.
    private func withScript<Result>(
        _ lines: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (_ path: String, _ folder: URL) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("llama-server").path
            let script = """
                #!/bin/sh
                while [ "$1" != --port ]; do shift; done
                folder='\(folder.path)'
                serve() { exec '\(try BuiltProducts.executable("FakeLlamaServer"))' --port "$1" --tokens 3; }
                \(lines)

                """
            try await Self.writeProgram(script, to: path)
            return try await body(path, folder)
        }
    }

    /// Written by another process: a child that is started elsewhere while this one writes holds the file open for a moment, and
    /// what is open for writing can't be started (ETXTBSY).
    private static func writeProgram(_ text: String, to path: String) async throws {
        try text.write(toFile: path + ".text", atomically: true, encoding: .utf8)
        let copy = try ChildProcess("/bin/sh", ["-c", #"cp "$0.text" "$0" && chmod 755 "$0""#, path])
        #expect(try await copy.waitUntilExit() == .code(0))
    }

    @Test("the printed curl line answers; Ctrl-C ends everything, and leaves no process and no port")
    func everything() async throws {
        try await withServedModel { served in
            let curl = try ChildProcess(
                "/bin/sh",
                ["-c", served.curl.replacing("\"}]}", with: "\"}],\"max_tokens\":4}")]
            )
            #expect(try await curl.waitUntilExit(within: .seconds(60)) == .code(0))
            #expect(curl.lines.contains { $0.contains("chat.completion") })
            let page = try await RawClient.exchange("GET", "/dashboard", port: served.balancer.managementPort)
            #expect(page.status == 200)
            let children = ProcessTable.descendants(of: served.process.pid).map(\.pid)
            #expect(children.count >= 2)

            served.process.signal(SIGINT)
            #expect(try await served.process.waitUntilExit() == .code(0))
            #expect(children.filter(ProcessTable.isRunning).isEmpty)
            for port in [served.balancer.port, served.balancer.managementPort] {
                #expect(throws: (any Error).self) { _ = try RawClient(port: port) }
            }
            #expect(!served.process.lines.contains { $0.contains(" WARNING ") || $0.contains(" ERROR ") })
        }
    }

    @Test("a stop waits for the answers that run")
    func runningAnswer() async throws {
        try await withServedModel { served in
            let body = #"{"prompt":"Hello","max_tokens":200,"ignore_eos":true}"#
            let client = try RawClient(port: served.balancer.port)
            try await client.send(RawClient.request("POST", "/v1/completions", body: body))
            try await eventually("a busy slot", equals: 1) { try await served.balancer.health().slotsProcessing }
            served.process.signal(SIGTERM)
            let reply = try await client.reply(within: .seconds(60))
            #expect(reply.status == 200)
            #expect(try await served.process.waitUntilExit() == .code(0))
        }
    }

    @Test("nothing outlives a paddler that is killed")
    func killed() async throws {
        try await withServedModel { served in
            let children = ProcessTable.descendants(of: served.process.pid).map(\.pid)
            try await served.process.kill()
            try await waitUntilGone(children)
        }
    }

    @Test("nothing that llama-server has started outlives a paddler that is killed")
    func killedWithGrandchildren() async throws {
        try await withScript("sleep 1000 & trap '' TERM HUP; serve \"$2\"") { path, _ in
            try await withServedModel(server: path, serverArguments: []) { served in
                let grandchild = try served.child("sleep")
                let children = ProcessTable.descendants(of: served.process.pid).map(\.pid)
                #expect(children.contains(grandchild))
                try await served.process.kill()
                try await waitUntilGone(children)
            }
        }
    }

    @Test("a llama-server whose guard is killed gets another one, and so still outlives nobody")
    func guardKilled() async throws {
        try await withScript("serve \"$2\"") { path, _ in
            try await withServedModel(server: path, serverArguments: []) { served in
                let former = try served.child("FakeLlamaServer")
                kill(try served.child("guard-process-group"), SIGKILL)
                let next = try await eventually("another server", { try served.child("FakeLlamaServer") }) {
                    $0 != former
                }
                #expect(!ProcessTable.isRunning(former))
                try await served.process.kill()
                try await waitUntilGone([next])
            }
        }
    }

    @Test("a llama-server that is killed is back, and a request that came meanwhile is answered")
    func crash() async throws {
        try await withServedModel { served in
            for crash in 1...3 {
                let server = try served.child("llama-server.py")
                kill(server, SIGKILL)
                // What goes over a connection to a server that is just dying is suspected of having killed it.
                try await eventually("crashes that were noticed", equals: crash) {
                    served.process.lines.count { $0.contains("llama-server has ended, and is started again") }
                }
                let body = #"{"prompt":"Hello","max_tokens":4}"#
                let reply = try await RawClient.exchange(
                    "POST",
                    "/v1/completions",
                    port: served.balancer.port,
                    body: body,
                    within: .seconds(60)
                )
                #expect(reply.status == 200, "\(reply.text)")
            }
        }
    }

    @Test("one that ignores SIGTERM is killed when its grace is over, with all that it has started")
    func ignoresTermination() async throws {
        try await withScript("trap '' TERM; sleep 1000 & serve \"$2\"") { path, _ in
            try await withServedModel(server: path, serverArguments: []) { served in
                let children = ProcessTable.descendants(of: served.process.pid).map(\.pid)
                served.process.signal(SIGTERM)
                let exit = try await served.process.waitUntilExit(within: .seconds(60))
                #expect(exit == .code(0))
                try await waitUntilGone(children)
                #expect(served.process.lines.contains { $0.contains("llama-server doesn't end, and is killed") })
            }
        }
    }

    @Test(
        "what it has started and ignores SIGTERM is gone, too, when it obeys itself or crashes",
        arguments: [SIGTERM, SIGKILL]
    )
    func stubbornGrandchild(signal: Int32) async throws {
        try await withScript("(trap '' TERM; exec sleep 1000) & serve \"$2\"") { path, _ in
            try await withServedModel(server: path, serverArguments: []) { served in
                let grandchild = try served.child("sleep")
                if signal == SIGTERM {
                    served.process.signal(SIGTERM)
                    let exit = try await served.process.waitUntilExit()
                    #expect(exit == .code(0))
                } else {
                    kill(try served.child("FakeLlamaServer"), SIGKILL)
                    try await served.process.waitForLine(containing: "llama-server has ended, and is started again")
                }
                try await waitUntilGone([grandchild])
            }
        }
    }

    @Test("one that crashes five times in a row is failing, with the end of its log as far as operators")
    func failing() async throws {
        let lines = "if [ -e \"$folder/broken\" ]; then echo 'CUDA error: out of memory'; exit 3; fi; serve \"$2\""
        try await withScript(lines) { path, folder in
            try await withServedModel(["--name", "gpu"], server: path, serverArguments: []) { served in
                try Data().write(to: folder.appendingPathComponent("broken"))
                kill(try served.child("FakeLlamaServer"), SIGKILL)
                try await eventually(
                    "an upstream that is being started again, and why",
                    within: .seconds(60),
                    { try await served.balancer.upstream(named: "gpu") },
                    satisfies: { upstream in
                        upstream?.condition == "restarting"
                            && upstream?.error?.contains("it ended with exit code 3") == true
                            && upstream?.error?.contains("CUDA error: out of memory") == true
                    }
                )
                let upstream = try await eventually(
                    "a failing upstream",
                    within: .seconds(60),
                    { try await served.balancer.upstream(named: "gpu") },
                    satisfies: { $0?.condition == "failing" }
                )
                #expect(upstream?.error?.contains("it ended with exit code 3") == true)
                #expect(upstream?.error?.contains("CUDA error: out of memory") == true)
                #expect(upstream?.hint?.contains("the end of its log") == true)
                served.process.signal(SIGTERM)
                #expect(try await served.process.waitUntilExit() == .code(0))
            }
        }
    }

    @Test("ten megabytes of log in one line hold up nothing")
    func flood() async throws {
        try await withScript("head -c 10000000 /dev/zero | tr '\\0' x; serve \"$2\"") { path, _ in
            try await withServedModel(server: path, serverArguments: []) { served in
                let health = try await served.balancer.health()
                #expect(health.status == "ok")
            }
        }
    }

    @Test("--open opens the printed address in a browser")
    func opens() async throws {
        try await withScript("serve \"$2\"") { path, folder in
            let browser = folder.appendingPathComponent("xdg-open").path
            try await Self.writeProgram("#!/bin/sh\necho \"$1\" >'\(folder.path)/opened'\n", to: browser)
            let searched = "\(folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
            // The server is found on the PATH, too.
            let arguments = ["serve", "-m", path, "--open", "--reverseproxy-port", "0", "--management-port", "0"]
            let process = try Paddler.start(arguments, environment: ["PATH": searched])
            let served = try await ServedModel.start(process)
            try await eventually("the opened address", equals: "http://127.0.0.1:\(served.balancer.port)\n") {
                try String(contentsOfFile: folder.appendingPathComponent("opened").path, encoding: .utf8)
            }
            process.signal(SIGTERM)
            #expect(try await process.waitUntilExit() == .code(0))
        }
    }

    @Test("a port that is taken is known before llama-server is started")
    func portTaken() async throws {
        let taken = try SilentPort()
        try await withScript("touch \"$folder/started\"; serve \"$2\"") { path, folder in
            let process = try Paddler.start([
                "serve", "-m", path, "--llama-server", path, "--reverseproxy-port", "\(taken.port)",
                "--management-port", "0",
            ])
            #expect(try await process.waitUntilExit() == .code(1))
            #expect(process.lines.count == 1)
            #expect(process.lines.first?.hasPrefix("error: cannot listen on 127.0.0.1:\(taken.port)") == true)
            #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("started").path))
        }
    }

    @Test("what isn't a program the system can start is said so")
    func notAProgram() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("llama-server").path
            try await Self.writeProgram("\u{7f}ELF, or nearly", to: path)
            let process = try Paddler.start(try ServedModel.arguments([], server: path))
            #expect(try await process.waitUntilExit(within: .seconds(60)) == .code(1))
            #expect(process.lines.last?.hasPrefix("error: llama-server couldn't be started: ") == true)
        }
    }

    @Test("a flag that llama-server doesn't know ends it with what llama-server said, and exit code 1")
    func wrongFlag() async throws {
        let process = try Paddler.start(try ServedModel.arguments([], serverArguments: ["--no-such-flag"]))
        #expect(try await process.waitUntilExit(within: .seconds(60)) == .code(1))
        let last = try #require(process.lines.last)
        #expect(last.hasPrefix("error: llama-server ended with exit code "))
        #expect(last.contains("--no-such-flag"))
        #expect(!process.lines.contains { $0.contains("curl") })
    }

    @Test("one that ends at once without an error is no success")
    func endsAtOnce() async throws {
        try await withScript("exit 0") { path, _ in
            let process = try Paddler.start(try ServedModel.arguments([], server: path))
            #expect(try await process.waitUntilExit(within: .seconds(60)) == .code(1))
            #expect(
                process.lines.last
                    == "error: llama-server ended with exit code 0 before it was ready, and had printed nothing"
            )
        }
    }

    @Test("one that listens and never gets ready is ended when it has been silent for too long")
    func silent() async throws {
        try await withScript("echo loading; exec sleep 1000") { path, _ in
            let process = try Paddler.start(try ServedModel.arguments(["--load-timeout", "1s"], server: path))
            #expect(try await process.waitUntilExit(within: .seconds(60)) == .code(1))
            #expect(process.lines.last?.contains("it wasn't ready, and had been silent for 1 s") == true)
            #expect(process.lines.last?.hasSuffix("The end of its log: loading") == true)
        }
    }

    @Test(
        "as the first process of a container, it leaves no zombie and gives its exit code",
        .enabled(if: Container.isAvailable)
    )
    func firstProcess() async throws {
        try await withScript("(sleep 0.01 & ) ; (sleep 0.01 & ) ; serve \"$2\"") { path, _ in
            let arguments = [try BuiltProducts.executable("paddler")] + (try ServedModel.arguments([], server: path))
            let process = try ChildProcess("/usr/bin/env", Container.command + arguments)
            let served = try await ServedModel.start(process)
            try await eventually("zombies", equals: []) {
                ProcessTable.descendants(of: process.pid).filter { $0.state == "Z" }
            }
            let all = ProcessTable.descendants(of: process.pid)
            let first = try #require(all.first { $0.parent == process.pid })
            #expect(all.count >= 4)
            kill(first.pid, SIGTERM)
            #expect(try await process.waitUntilExit() == .code(0))
            try await waitUntilGone(all.map(\.pid))
            #expect(throws: (any Error).self) { _ = try RawClient(port: served.balancer.port) }
        }
    }

    /// A namespace of processes of its own, which needs rights that not everybody has.
    private enum Container {
        static let command = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]

        static var isAvailable: Bool {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = command + ["true"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
    }
}
