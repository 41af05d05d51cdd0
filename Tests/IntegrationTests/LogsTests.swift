import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite(
    "paddler logs",
    .serialized,
    .enabled(if: LlamaServerProcess.isAvailable && ProcessTable.isAvailable)
)
struct LogsTests {
    private func logs(_ served: ServedModel, _ arguments: String...) throws -> ChildProcess {
        try Paddler.start(
            ["logs"] + arguments + ["--management-addr", "127.0.0.1:\(served.balancer.managementPort)"]
        )
    }

    @Test("who follows sees what a request has llama-server print, and what the next one prints when that is killed")
    func follows() async throws {
        try await withTemporaryFolder { folder in
            try await withServedModel(["--name", "tiny", "--server-log", folder.path]) { served in
                let follower = try logs(served, "tiny", "-f")
                _ = try await follower.waitForLine(containing: "[paddler] llama-server is started")
                #expect(!follower.lines.contains { $0.contains("launch_slot_") })
                let reply = try await RawClient.exchange(
                    "POST",
                    "/v1/completions",
                    port: served.balancer.port,
                    body: #"{"prompt":"Hello","max_tokens":4}"#,
                    within: .seconds(60)
                )
                #expect(reply.status == 200, "\(reply.text)")
                _ = try await follower.waitForLine(containing: "launch_slot_")
                kill(try served.child("llama-server.py"), SIGKILL)
                _ = try await follower.waitForLine(containing: "[paddler] llama-server was ended by signal 9")
                try await eventually("servers that listen", equals: 2, within: .seconds(60)) {
                    follower.lines.count { $0.contains("listening on") }
                }
                follower.signal(SIGINT)
                #expect(try await follower.waitUntilExit() == .signal(SIGINT))
                #expect(!follower.lines.contains { $0.contains("error") })

                let last = try logs(served, "tiny", "-n", "1")
                #expect(try await last.waitUntilExit() == .code(0))
                #expect(last.lines.count == 1)
                let unknown = try logs(served, "huge")
                #expect(try await unknown.waitUntilExit() == .code(1))
                #expect(unknown.lines.last?.contains("no server is called huge; there are tiny") == true)

                served.process.signal(SIGTERM)
                #expect(try await served.process.waitUntilExit() == .code(0))
                let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                let file = try String(contentsOfFile: folder.path + "/" + (files.first ?? ""), encoding: .utf8)
                #expect(files.count == 1 && file.contains("launch_slot_"))
                #expect(file.hasSuffix("[paddler] llama-server ended with exit code 0\n"))
            }
        }
    }

    @Test("of a host with several models one is named, and its log is there when it is unloaded again")
    func models() async throws {
        try await withTemporaryFolder { folder in
            let other = folder.appendingPathComponent("other.gguf")
            let tiny = try #require(ProcessInfo.processInfo.environment["TINY_MODEL"])
            try FileManager.default.createSymbolicLink(at: other, withDestinationURL: URL(fileURLWithPath: tiny))
            try await withServedModel(["--name", "rack4", "-m", other.path]) { served in
                let unnamed = try logs(served, "rack4")
                #expect(try await unnamed.waitUntilExit() == .code(1))
                #expect(unnamed.lines.last?.contains("rack4 has several models; name one of them: other, tiny") == true)
                let never = try logs(served, "rack4", "other")
                #expect(try await never.waitUntilExit() == .code(0))
                #expect(never.lines.isEmpty)

                let management = ["--management-addr", "127.0.0.1:\(served.balancer.managementPort)"]
                for command in [["load", "tiny", "--wait"], ["unload", "tiny"]] {
                    #expect(try await Paddler.start(command + management).waitUntilExit() == .code(0))
                }
                let follower = try logs(served, "rack4", "tiny", "-f", "--lines", "2000")
                _ = try await follower.waitForLine(containing: "listening on")
                _ = try await follower.waitForLine(containing: "[paddler] llama-server ended with exit code 0")
                try await follower.kill()
            }
        }
    }
}
