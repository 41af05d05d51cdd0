import Foundation

/// `paddler serve` for as long as the body of a test runs.
struct ServedModel: Sendable {
    let process: ChildProcess
    /// As it was printed.
    let curl: String
    let balancer: RunningBalancer

    /// The processes that it has started, by a word of their command lines.
    func child(_ word: String) throws -> pid_t {
        let found = ProcessTable.descendants(of: process.pid).filter { $0.command.contains(word) }
        guard found.count == 1 else {
            throw HarnessFailure(description: "\(found.count) processes with \(word): \(found)")
        }
        return found[0].pid
    }

    /// For the tiny model: its chatter fits no chat format, and several threads would wait for each other.
    static let tiny = ["-t", "1", "-np", "2", "--no-warmup", "--skip-chat-parsing"]

    static func arguments(
        _ arguments: [String],
        server: String? = nil,
        serverArguments: [String] = []
    ) throws -> [String] {
        let environment = ProcessInfo.processInfo.environment
        guard let server = server ?? environment["LLAMA_SERVER"], let model = environment["TINY_MODEL"] else {
            throw HarnessFailure(description: "LLAMA_SERVER and TINY_MODEL aren't set: use make test")
        }
        return ["serve", "-m", model, "--llama-server", server, "--reverseproxy-port", "0", "--management-port", "0"]
            + arguments + ["--"] + serverArguments
    }

    /// Returns when it has said that the model is served.
    static func start(_ process: ChildProcess) async throws -> ServedModel {
        let curl = try await process.waitForLine(containing: "  curl http", within: .seconds(60))
        let dashboard = try await process.waitForLine(containing: "The dashboard:")
        return ServedModel(
            process: process,
            curl: curl,
            balancer: RunningBalancer(
                process: process,
                port: try port(in: curl),
                managementPort: try port(in: dashboard)
            )
        )
    }

    private static func port(in line: String) throws -> Int {
        let digits = line.split(separator: "http://127.0.0.1:").dropFirst().first?.prefix(while: \.isNumber) ?? ""
        guard let port = Int(digits) else { throw HarnessFailure(description: "no port in \(line)") }
        return port
    }
}

/// Whatever happens, nothing is left of it.
func withServedModel<Result>(
    _ arguments: [String] = [],
    server: String? = nil,
    serverArguments: [String] = ServedModel.tiny,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (ServedModel) async throws -> Result
) async throws -> Result {
    let process = try Paddler.start(
        try ServedModel.arguments(arguments, server: server, serverArguments: serverArguments)
    )
    do {
        let result = try await body(try await ServedModel.start(process))
        try await process.kill()
        return result
    } catch {
        try await process.kill()
        for line in process.lines.suffix(40) { print("paddler serve: \(line)") }
        throw error
    }
}
