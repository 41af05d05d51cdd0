import ArgumentParser
import StubHTTPServer
import Testing

@testable import paddler

struct HealthCommandTests {
    private func run(answering status: Int) async throws {
        try await StubHTTPServer.with { _ in
            StubReply(status, "OK")
        } _: { server in
            var command = try Paddler.parseAsRoot(["health", "--management-addr", "127.0.0.1:\(server.port)"])
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            #expect(server.requests.map { "\($0.method) \($0.uri)" } == ["GET /health"])
        }
    }

    @Test("what runs is healthy, whatever it says of itself")
    func healthy() async throws {
        try await run(answering: 200)
    }

    @Test("what stops, or isn't there, is exit code 1")
    func unhealthy() async throws {
        await #expect(throws: ExitCode(1)) { try await run(answering: 503) }
    }
}
