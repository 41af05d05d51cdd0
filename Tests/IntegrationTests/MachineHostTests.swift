import LoopbackPorts
import StubHTTPServer
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Hosts that the machine in the cloud is asked for at the start.
@Suite("Hosts from a machine's metadata")
struct MachineHostTests {
    private static let answer: StubHTTPServer.Answer = { request in
        if request.method == "PUT" { return StubReply(200, "token") }
        guard request.headers["x-aws-ec2-metadata-token"] == "token" else { return StubReply(401) }
        return request.uri == "/latest/meta-data/local-ipv4" ? StubReply(200, "127.0.0.1") : StubReply(404)
    }

    /// Everything starts at once when tests do; the second of a machine that isn't busy is short then.
    private static func environment(_ metadata: StubHTTPServer) -> [String: String] {
        ["AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url, "AWS_METADATA_SERVICE_TIMEOUT": "60"]
    }

    @Test("a balancer listens where the machine says, and asks once")
    func balancer() async throws {
        try await StubHTTPServer.with(Self.answer) { metadata in
            let balancer = try Paddler.start(
                [
                    "balancer", "--reverseproxy-addr", "aws:metadata:local-ipv4:0", "--management-host",
                    "aws:metadata:local-ipv4", "--management-port", "0", "--log-level", "debug",
                ],
                environment: Self.environment(metadata)
            )
            let line = try await balancer.waitForLine(containing: "listener=reverse_proxy")
            #expect(line.contains("address=127.0.0.1:"))
            #expect(balancer.lines.contains { $0.contains("asked=aws:metadata:local-ipv4 host=127.0.0.1") })
            #expect(metadata.requests.count == 2)
            balancer.signal(SIGTERM)
            #expect(try await balancer.waitUntilExit() == .code(0))
        }
    }

    @Test("an agent tells balancers what the machine says")
    func agent() async throws {
        try await StubHTTPServer.with(Self.answer) { metadata in
            let nobody = try ClosedPort()
            let agent = try Paddler.start(
                [
                    "agent", "--external-llamacpp-host", "aws:metadata:local-ipv4", "--local-llamacpp-host",
                    "localhost",
                    "--local-llamacpp-port", "\(nobody.port)", "--management-port", "\(nobody.port)",
                ],
                environment: Self.environment(metadata)
            )
            try await agent.waitForLine(containing: "external=127.0.0.1:\(nobody.port)")
            agent.signal(SIGTERM)
            #expect(try await agent.waitUntilExit() == .code(0))
        }
    }

    @Test("a machine that doesn't say is one line and exit code 1")
    func missing() async throws {
        try await StubHTTPServer.with(Self.answer) { metadata in
            let balancer = try Paddler.start(
                ["balancer", "--management-host", "aws:metadata:public-ipv4"],
                environment: Self.environment(metadata)
            )
            #expect(try await balancer.waitUntilExit() == .code(1))
            #expect(
                balancer.lines == [
                    "error: aws:metadata:public-ipv4: this machine has none "
                        + "(the instance metadata service at \(metadata.url) answered 404)"
                ]
            )
        }
    }
}
