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

    @Test("it is only there to be read")
    func otherMethods() async throws {
        try await harness.run { client in
            let reply = try await client.send("POST", "/metrics")
            #expect(reply.status == 405)
            #expect(reply.allow == "GET, HEAD")
        }
    }
}
