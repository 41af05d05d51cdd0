import Logging
import LoopbackPorts
import Testing

@testable import Supervision

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

struct ServerSupervisorTests {
    @Test(
        "nothing is started where another program listens, which would be taken for the server",
        .timeLimit(.minutes(1))
    )
    func takenPort() async throws {
        let other = try LoopbackSocket.make()
        defer { close(other) }
        let port = try LoopbackSocket.bind(other, port: 0)
        try #require(listen(other, 1) == 0)
        let supervisor = ServerSupervisor(
            name: "llama-server",
            launch: ServerLaunch(program: "/bin/sh", arguments: ["-c", "exit 3"], environment: [:], port: port),
            loadingSilence: .seconds(30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let failure = await #expect(throws: ServerGivenUp.self) { try await supervisor.run() }
        #expect(failure?.reason.contains("couldn't be started: another program has port \(port)") == true)
    }
}
