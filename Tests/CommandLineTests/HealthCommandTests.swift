import ArgumentParser
import StubHTTPServer
import Testing

@testable import paddler

struct HealthCommandTests {
    private func run(
        answering status: Int,
        at flag: String = "--management-addr",
        host: String = "127.0.0.1",
        _ others: String...
    ) async throws {
        try await StubHTTPServer.with { _ in
            StubReply(status, "OK")
        } _: { server in
            var command = try Paddler.parseAsRoot(["health", flag, "\(host):\(server.port)"] + others)
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
        // Where a service listens on all addresses, as its variables may say.
        try await run(answering: 200, host: "0.0.0.0")
    }

    @Test("an agent is asked at its status server")
    func agent() async throws {
        let flag = "--status-server-addr"
        try await run(answering: 200, at: flag)
        // Its variables say how it reports to its balancers, too.
        try await run(answering: 200, at: flag, "--management-addr=127.0.0.1:1,127.0.0.1:2")
        try await run(
            answering: 200,
            at: flag,
            "--management-scheme=https",
            "--management-cert=c",
            "--management-key=k"
        )
    }

    @Test("what stops, or isn't there, is exit code 1")
    func unhealthy() async throws {
        await #expect(throws: ExitCode(1)) { try await run(answering: 503) }
    }
}
