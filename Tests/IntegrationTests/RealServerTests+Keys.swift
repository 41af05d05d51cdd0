import Foundation
import Testing

extension RealServerTests {
    @Test(
        "OpenAI's client with a wrong key, a right one, none, and one that is exchanged while a stream runs",
        .enabled(if: ClientScript.isAvailable)
    )
    func keys() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")
        try Data("# a comment\nfirst\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await withRealFleet(servers: 1, balancerArguments: ["--api-key-file", file.path]) { fleet in
            try await ClientScript.run("keys_client.py", ["http://127.0.0.1:\(fleet.balancer.port)", file.path])
            try await fleet.waitUntilAtRest()
        }
    }
}
