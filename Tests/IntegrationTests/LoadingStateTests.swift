import Foundation
import Testing

/// `paddler serve --loading-state` with real llama-servers that take their time to start.
@Suite(
    "Streams that are told of loads",
    .enabled(if: LlamaServerProcess.isAvailable && ClientScript.isAvailable)
)
struct LoadingStateTests {
    @Test("OpenAI's client reads the load as thoughts, the answer behind it, and a failure as an error")
    func told() async throws {
        let variables = ProcessInfo.processInfo.environment
        let server = try #require(variables["LLAMA_SERVER"])
        let model = try #require(variables["TINY_MODEL"])
        try await withTemporaryFolder { folder in
            let slow = folder.appendingPathComponent("slow-server")
            try "#!/bin/sh\nsleep 3\nexec \(server) \"$@\"\n".write(to: slow, atomically: true, encoding: .utf8)
            let failing = folder.appendingPathComponent("failing-server")
            try "#!/bin/sh\nsleep 2\necho no such luck >&2\nexit 1\n"
                .write(to: failing, atomically: true, encoding: .utf8)
            let arguments = (["-m", model, "--host", "${host}", "--port", "${port}"] + ServedModel.tiny + Chat.needs)
                .joined(separator: " ")
            let file = folder.appendingPathComponent("models.yaml")
            try """
            loading-state: true
            memory: 1GB
            models:
              - name: slow
                command: sh \(slow.path) \(arguments)
                memory: 400MB
              - name: failing
                command: sh \(failing.path) ${port}
                memory: 400MB

            """.write(to: file, atomically: true, encoding: .utf8)
            let process = try Paddler.start([
                "serve", "--config", file.path, "--reverseproxy-port", "0", "--management-port", "0",
            ])
            do {
                let served = try await ServedModel.start(process)
                let url = "http://127.0.0.1:\(served.balancer.port)"
                try await ClientScript.run("loading_client.py", [url, "slow", "failing"])
                try await process.kill()
            } catch {
                try await process.kill()
                for line in process.lines.suffix(60) { print("paddler serve: \(line)") }
                throw error
            }
        }
    }
}
