import Foundation
import StubHTTPServer
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What processes take from their surroundings, and leave there.
@Suite("The surroundings of processes", .serialized)
struct SurroundingsTests {
    @Test("no proxy of the environment is used, neither by agents nor by balancers", .withEachAgentProgram)
    func proxy() async throws {
        try await StubHTTPServer.with({ _ in StubReply(200, "a proxy was here") }) { proxy in
            let environment = [
                "HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "ALL_PROXY": proxy.url, "NO_PROXY": "",
                "no_proxy": "",
            ]
            try await withFakeServer(slots: 2) { server in
                let balancer = try await Paddler.balancer(environment: environment)
                let agent = try Paddler.agent(
                    name: "agent",
                    watching: server.port,
                    reportingTo: [balancer.managementPort],
                    environment: environment
                )
                try await balancer.waitForIdleSlots(2)
                let reply = try await RawClient.exchange("POST", "/completion", port: balancer.port, body: "{}")
                #expect(reply.status == 200)
                #expect(proxy.requests.isEmpty)
                try await agent.kill()
                try await balancer.process.kill()
            }
        }
    }

    @Test("an agent writes nothing to standard output")
    func standardOutput() async throws {
        try await withFakeServer(slots: 2) { server in
            let balancer = try await Paddler.balancer()
            let agent = try ChildProcess(
                "/bin/sh",
                [
                    "-c", #"exec "$0" "$@" 2>/dev/null"#, BuiltProducts.executable("paddler"), "agent",
                    "--local-llamacpp-addr", "127.0.0.1:\(server.port)", "--management-addr",
                    "127.0.0.1:\(balancer.managementPort)", "--log-level", "trace",
                ]
            )
            try await balancer.waitForIdleSlots(2)
            agent.signal(SIGTERM)
            #expect(try await agent.waitUntilExit() == .code(0))
            #expect(agent.lines.isEmpty)
            try await balancer.process.kill()
        }
    }

    @Test(
        "an agent whose file of a token can't be used says so in one line and ends",
        arguments: [
            (nil, "there is no such file"), ("# none yet\n\n", "there is no key in it"),
            ("two words\n", "its first key has characters other than visible ASCII"),
        ] as [(String?, String)]
    )
    func tokenFile(text: String?, reason: String) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        try text.map { try Data($0.utf8).write(to: file) }
        defer { try? FileManager.default.removeItem(at: file) }
        let agent = try Paddler.start(["agent", "--management-token-file", file.path, "--log-level", "critical"])
        #expect(try await agent.waitUntilExit(within: .seconds(60)) == .code(1))
        #expect(agent.lines == ["error: --management-token-file: \(file.path): \(reason)"])
    }
}
