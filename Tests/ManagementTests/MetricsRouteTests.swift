import NIOHTTP1
import Testing

@Suite("GET /metrics", .timeLimit(.minutes(1)))
struct MetricsRouteTests {
    private let harness = ManagementHarness()

    @Test("Prometheus is answered in its text format")
    func scrape() async throws {
        try await harness.run { client in
            let reply = try await client.send("GET", "/metrics")
            #expect(reply.status == 200)
            #expect(reply.contentType == "text/plain; version=0.0.4; charset=utf-8")
            #expect(reply.body.contains("\n# TYPE paddler_slots_idle gauge\npaddler_slots_idle 0\n"))
            #expect(reply.body.contains("\npaddler_build_info{version=\"9.9.9\"} 1\n"))
        }
    }

    @Test(
        "it is compressed where that is asked for",
        arguments: [("gzip", "gzip"), ("gzip;q=1.0, identity;q=0.5", "gzip"), ("identity", nil), ("br", nil)]
            as [(String, String?)]
    )
    func compressed(accepted: String, coding: String?) async throws {
        try await harness.run { client in
            let plain = try await client.send("GET", "/metrics")
            let reply = try await client.send("GET", "/metrics", headers: ["accept-encoding": accepted])
            #expect(reply.status == 200)
            #expect(reply.headers.first(name: "content-encoding") == coding)
            #expect(reply.headers["vary"] == ["Accept-Encoding"])
            let length = try #require(Int(reply.headers.first(name: "content-length") ?? ""))
            #expect((length < plain.body.utf8.count / 2) == (coding != nil))
        }
    }

    @Test("answers are never taken for scripts", arguments: ["/metrics", "/api/v1/agents", "/health", "/nothing"])
    func types(path: String) async throws {
        try await harness.run { client in
            let reply = try await client.send("GET", path)
            #expect(reply.headers["x-content-type-options"] == ["nosniff"])
        }
    }

    @Test("it is only there to be read")
    func otherMethods() async throws {
        try await harness.run { client in
            let reply = try await client.send("POST", "/metrics")
            #expect(reply.status == 405)
            #expect(reply.allow == "GET, HEAD")
        }
    }
}
