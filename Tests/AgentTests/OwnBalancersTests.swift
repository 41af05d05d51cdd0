import Testing

@testable import Agent

@Suite("An agent of balancers of our own versions, byte for byte", .timeLimit(.minutes(1)))
struct OwnBalancersTests {
    /// What balancers of 0.1.0 have answered.
    private enum Recorded {
        static func head(_ more: String = "") -> String {
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nCache-Control: no-store\r\n\(more)"
                + "Date: Tue, 01 Dec 2026 03:23:47 GMT\r\ntransfer-encoding: chunked\r\n\r\n"
        }

        static let beforeLeases = head() + chunk(#"{"balancer_version":"0.1.0","type":"welcome"}"#)
        static let sharing =
            head("X-Content-Type-Options: nosniff\r\n")
            + chunk(#"{"asks_before_use":true,"balancer_version":"0.1.0","type":"welcome"}"#)
            + chunk(#"{"count":0,"type":"leases"}"#) + chunk(#"{"count":1,"type":"leases"}"#)
        static let drained = chunk(#"{"type":"drained"}"#)
        static let end = "0\r\n\r\n"

        private static func chunk(_ line: String) -> String {
            "\(String(line.utf8.count + 1, radix: 16))\r\n\(line)\n\r\n"
        }
    }

    /// Welcomes an agent in these words, tells it that nothing runs when it leaves, and lets it go.
    private static func balancer(_ welcome: String) async throws -> WireStub {
        try await WireStub.start { heard in
            if heard.contains(#""type":"goodbye""#) { return Recorded.end }
            if heard.contains(#""is_leaving":true"#) { return Recorded.drained }
            return heard.contains(#""type":"hello""#) ? welcome : nil
        }
    }

    @Test("one from before leases gets reports, and no word that it doesn't know, and lets the agent go")
    func beforeLeases() async throws {
        let (_, llama) = try await LlamaStub.start()
        let balancer = try await Self.balancer(Recorded.beforeLeases)
        try await withAgent(
            watching: llama.address,
            reportingTo: balancer.address,
            drainTimeout: .seconds(3600)
        ) { agent in
            let first = try await balancer.read(until: #""type":"report"}"#)
            #expect(first.hasPrefix("POST /api/v1/agents/"))
            #expect(first.contains("/connection HTTP/1.1\r\n"))
            await agent.triggerGracefulShutdown()
            let rest = try await balancer.read(until: #"{"type":"goodbye"}"#)
            #expect(!rest.contains(#""type":"others""#))
        }
    }

    @Test("beside one from before leases, one that tells of its own hears of others', and both let the agent go")
    func mixed() async throws {
        let (_, llama) = try await LlamaStub.start()
        let older = try await Self.balancer(Recorded.beforeLeases)
        let newer = try await Self.balancer(Recorded.sharing)
        try await withAgent(
            watching: llama.address,
            reportingTo: older.address,
            newer.address,
            drainTimeout: .seconds(3600)
        ) { agent in
            _ = try await newer.read(until: #"{"leases":0,"type":"others"}"#)
            _ = try await older.read(until: #""type":"report"}"#)
            await agent.triggerGracefulShutdown()
            let rest = try await older.read(until: #"{"type":"goodbye"}"#)
            #expect(!rest.contains(#""type":"others""#))
            _ = try await newer.read(until: #"{"type":"goodbye"}"#)
        }
    }
}
