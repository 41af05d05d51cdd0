#if os(Linux)
    import Foundation
    import Glibc
    import LoopbackPorts
    import Testing

    @testable import FakeLlamaServer

    @Suite("A balancer that takes over from another", .serialized)
    struct HotRestartTests {
        @Test("clients that never cease to ask notice nothing when the first one is told to stop")
        func takesOver() async throws {
            try await withPair { fleet, second in
                let result = try await SteadyLoad.run(port: fleet.balancer.port) { load in
                    try await load.waitForMore(20)
                    fleet.balancer.process.signal(SIGTERM)
                    try await second.waitForLine(containing: #""listener":"management""#)
                    #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
                    try await load.waitForMore(20)
                }
                #expect(result.failures == [])
                #expect(fleet.balancer.process.lines.contains { $0.contains("another balancer takes over") })
            }
        }

        @Test("nor do clients over HTTP/2, whose connections are told to go")
        func takesOverHTTP2() async throws {
            try await withTemporaryFolder { folder in
                let names = ["certificate", "localhost", "--out", folder.path]
                #expect(try await Paddler.start(names).waitUntilExit() == .code(0))
                let certificate = [
                    "--reverseproxy-tls-cert", folder.appending(path: "localhost.pem").path,
                    "--reverseproxy-tls-key", folder.appending(path: "localhost.key").path,
                ]
                let authority = folder.appending(path: "authority.pem").path
                try await withPair(certificate) { fleet, second in
                    let port = fleet.balancer.port
                    let result = try await SteadyHTTP2Load.run(port: port, trusting: authority) { load in
                        try await load.waitForMore(20)
                        fleet.balancer.process.signal(SIGTERM)
                        try await second.waitForLine(containing: #""listener":"management""#)
                        #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
                        try await load.waitForMore(20)
                    }
                    #expect(result.failures == [])
                    // What the client gave up by itself was never sent: no server had a request beside those that were answered.
                    var (completed, cancelled) = (0, 0)
                    for server in fleet.servers {
                        let counts = try await server.counts()
                        completed += counts.requestsCompleted
                        cancelled += counts.requestsCancelled
                    }
                    #expect(completed == result.answered && cancelled == 0)
                }
            }
        }

        @Test("who is connected to the first one is answered by it, and told to go")
        func keptConnection() async throws {
            try await withPair { fleet, second in
                let client = try fleet.connect()
                try await client.send(RawClient.request("GET", "/health"))
                #expect(try await client.reply()["Connection"] == "keep-alive")
                fleet.balancer.process.signal(SIGTERM)
                try await fleet.balancer.process.waitForLine(containing: "another balancer takes over")
                try await second.waitForLine(containing: #""listener":"management""#)
                try await eventually("an answer that ends the connection") {
                    try await client.send(RawClient.request("POST", "/v1/chat/completions", body: "{}"))
                    let reply = try await client.reply()
                    #expect(reply.status == 200)
                    return reply["Connection"] == "close"
                }
                #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
            }
        }

        @Test("one that stands by can be stopped, and the first one goes on")
        func standbyStopped() async throws {
            try await withPair { fleet, second in
                let result = try await SteadyLoad.run(port: fleet.balancer.port) { load in
                    try await load.waitForMore(10)
                    second.signal(SIGTERM)
                    #expect(try await second.waitUntilExit() == .code(0))
                    try await load.waitForMore(10)
                }
                #expect(result.failures == [])
            }
        }

        @Test("when the first one is killed the other serves")
        func firstKilled() async throws {
            try await withPair { fleet, second in
                try await fleet.balancer.process.kill()
                try await second.waitForLine(containing: #""listener":"management""#)
                try await fleet.balancer.waitForIdleSlots(4)
                #expect(try await fleet.exchange(body: "{}").status == 200)
            }
        }

        @Test("without the flag a second one says that the port is taken")
        func withoutTheFlag() async throws {
            try await withFleet(servers: 1) { fleet in
                let second = try Paddler.start([
                    "balancer", "--reuse-port", "--reverseproxy-port", "\(fleet.balancer.port)",
                    "--management-port", "\(fleet.balancer.managementPort)",
                ])
                #expect(try await second.waitUntilExit() == .code(1))
                #expect(second.lines.contains { $0.contains("address already in use") })
            }
        }

        /// A fleet, and a second balancer that stands by on the same ports.
        private func withPair(
            _ more: [String] = [],
            _ body: (Fleet, ChildProcess) async throws -> Void
        ) async throws {
            let ports = (proxy: try ReservedPort(), management: try ReservedPort())
            let arguments =
                [
                    "--reuse-port", "--reverseproxy-port", "\(ports.proxy.port)",
                    "--management-port", "\(ports.management.port)",
                ] + more
            try await withFleet(balancerArguments: arguments, speaksTLS: !more.isEmpty) { fleet in
                let second = try Paddler.start(["balancer", "--log-format", "json"] + arguments)
                try await second.waitForLine(containing: "standing by")
                try await body(fleet, second)
                if second.exit == nil { try await second.kill() }
            }
        }
    }
#endif
