import Foundation

@testable import FakeLlamaServer

/// A fake llama-server in a process of its own.
struct FakeServer: Sendable {
    let process: ChildProcess
    let port: Int
    /// Stays open whatever fault there is; what goes over it isn't counted.
    let controlPort: Int

    /// Connections end as llama-server's do.
    static func start(slots: Int = 2, arguments: [String] = []) async throws -> FakeServer {
        let process = try ChildProcess(
            BuiltProducts.executable("FakeLlamaServer"),
            [
                "--slots", "\(slots)", "--exit-with-stdin", "--keep-alive-idle", "5s", "--keep-alive-requests", "100",
                "--close-after-streams", "0s",
            ] + arguments
        )
        let listening = try await process.waitForLine(containing: "listening on")
        let control = try await process.waitForLine(containing: "control on")
        return FakeServer(process: process, port: try Self.port(of: listening), controlPort: try Self.port(of: control))
    }

    private static func port(of line: String) throws -> Int {
        guard let port = line.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw HarnessFailure(description: "no port in \(line)")
        }
        return port
    }

    func counts() async throws -> Counts {
        try JSONDecoder().decode(Counts.self, from: Data(await control("GET", "/fake/counts").body))
    }

    func journal() async throws -> [String: Journal.Entry] {
        try JSONDecoder().decode([String: Journal.Entry].self, from: Data(await control("GET", "/fake/journal").body))
    }

    func resetCounts() async throws {
        _ = try await control("POST", "/fake/reset")
    }

    /// - Parameters:
    ///   - count: how many requests it strikes; nil is all, until ``clearFaults()``.
    ///   - path: the one path it strikes; nil is what suits the kind.
    func fault(_ kind: FaultKind, count: Int? = nil, path: String? = nil, afterTokens: Int? = nil) async throws {
        let fault = StandingFault(kind: kind, count: count, path: path, afterTokens: afterTokens)
        let body = String(decoding: try JSONEncoder().encode(fault), as: UTF8.self)
        _ = try await control("POST", "/fake/fault", body: body)
    }

    func clearFaults() async throws {
        _ = try await control("DELETE", "/fake/fault")
    }

    private func control(_ method: String, _ path: String, body: String? = nil) async throws -> HTTPReply {
        let reply = try await RawClient.exchange(method, path, port: controlPort, body: body)
        guard reply.status == 200 else {
            throw HarnessFailure(description: "\(method) \(path): \(reply.status) \(reply.text)")
        }
        return reply
    }
}

/// A fake llama-server for as long as the body runs.
func withFakeServer<Result>(
    slots: Int = 2,
    arguments: [String] = [],
    isolation: isolated (any Actor)? = #isolation,
    _ body: (FakeServer) async throws -> Result
) async throws -> Result {
    let server = try await FakeServer.start(slots: slots, arguments: arguments)
    do {
        let result = try await body(server)
        try await server.process.kill()
        return result
    } catch {
        try await server.process.kill()
        throw error
    }
}
