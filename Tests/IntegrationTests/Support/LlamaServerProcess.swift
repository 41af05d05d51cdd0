import Foundation

/// A real llama-server with the tiny model, in a process of its own.
struct LlamaServerProcess: Sendable {
    let process: ChildProcess
    let port: Int

    /// Set by `make test`; without it, tests that need the real one are skipped.
    static var isAvailable: Bool {
        let environment = ProcessInfo.processInfo.environment
        return environment["LLAMA_SERVER"] != nil && environment["TINY_MODEL"] != nil
    }

    /// - Parameter pathPrefix: in front of each path.
    static func start(
        slots: Int = 2,
        pathPrefix: String = "",
        arguments: [String] = []
    ) async throws -> LlamaServerProcess {
        let process = try launch(host: "127.0.0.1", slots, arguments + ["--api-prefix", pathPrefix])
        let text = "listening on http://127.0.0.1:"
        let line = try await process.waitForLine(containing: text, within: .seconds(60))
        let digits = line.split(separator: ":").last?.prefix(while: \.isNumber) ?? ""
        guard let port = Int(digits) else { throw HarnessFailure(description: "no port in \(line)") }
        try await eventually("health of llama-server", equals: 200) {
            try await RawClient.exchange("GET", "\(pathPrefix)/health", port: port).status
        }
        return LlamaServerProcess(process: process, port: port)
    }

    /// - Parameter path: of a UNIX domain socket, whose name ends in `.sock`.
    static func start(onSocket path: String, slots: Int = 2) async throws -> ChildProcess {
        let process = try launch(host: path, slots, [])
        _ = try await process.waitForLine(containing: "listening on unix://\(path)", within: .seconds(60))
        return process
    }

    private static func launch(host: String, _ slots: Int, _ arguments: [String]) throws -> ChildProcess {
        let environment = ProcessInfo.processInfo.environment
        guard let executable = environment["LLAMA_SERVER"], let model = environment["TINY_MODEL"] else {
            throw HarnessFailure(description: "LLAMA_SERVER and TINY_MODEL aren't set: use make test")
        }
        return try ChildProcess(
            executable,
            [
                "-m", model, "--alias", "tiny", "--host", host, "--port", "0", "-np", "\(slots)", "-t", "1",
                "--no-warmup", "--skip-chat-parsing",
            ] + arguments
        )
    }
}

/// Real llama-servers for as long as the body runs.
func withLlamaServers<Result>(
    _ count: Int = 1,
    slots: Int = 2,
    arguments: [String] = [],
    isolation: isolated (any Actor)? = #isolation,
    _ body: ([LlamaServerProcess]) async throws -> Result
) async throws -> Result {
    var servers: [LlamaServerProcess] = []
    do {
        for _ in 0..<count { servers.append(try await .start(slots: slots, arguments: arguments)) }
        let result = try await body(servers)
        for server in servers { try await server.process.kill() }
        return result
    } catch {
        for server in servers { try await server.process.kill() }
        throw error
    }
}
