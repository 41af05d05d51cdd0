import Testing

@testable import FakeLlamaServer

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// With a collector that reads spans as OpenTelemetry's own programs do.
@Suite("Traces of requests", .serialized, .enabled(if: ClientScript.isAvailable))
struct TracingTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "b7ad6b7169203331"
    private static let stream = #"{"model":"m","stream":true}"#

    private func withTracedFleet(
        servers: Int = 1,
        _ arguments: [String] = [],
        _ body: (Fleet, Collector) async throws -> Void
    ) async throws {
        try await withCollector { collector in
            let tracing = ["--otlp-endpoint", collector.url] + arguments
            let pace = ["--token-delay", "1ms"]
            try await withFleet(servers: servers, serverArguments: pace, balancerArguments: tracing) { fleet in
                try await body(fleet, collector)
            }
        }
    }

    /// Names, each below its parent's.
    private func tree(_ spans: [Collector.Span]) -> [String] {
        spans.map { span in
            [spans.first { $0.id == span.parent }?.name, span.name].compactMap(\.self).joined(separator: " ")
        }
    }

    /// Every span has its place: within its parent, one after the other, of the same trace and of this program.
    private func checkOrder(_ spans: [Collector.Span]) {
        for span in spans {
            #expect(span.start > 1_700_000_000_000_000_000 && span.start <= span.end)
            #expect(span.resource["service.name"] == "paddler")
            #expect(span.resource["service.version"] != nil && span.resource["service.instance.id"] != nil)
            if let parent = spans.first(where: { $0.id == span.parent }) {
                #expect(parent.start <= span.start && span.end <= parent.end)
            }
        }
        let siblings = Dictionary(grouping: spans, by: \.parent)
        for spans in siblings.values {
            for (span, next) in zip(spans, spans.dropFirst()) { #expect(span.end <= next.start) }
        }
    }

    @Test("of an answered request: below the span of its client, with what it cost and who answered")
    func answered() async throws {
        try await withTracedFleet { fleet, collector in
            let headers = ["X-Request-Id": "plain", "traceparent": "00-\(Self.trace)-\(Self.parent)-01"]
            #expect(try await fleet.exchange(headers: headers, body: #"{"model":"m"}"#).status == 200)
            let spans = try await collector.trace(of: "plain")
            let own = try #require(spans.first)
            #expect(own.trace == Self.trace && own.parent == Self.parent)
            #expect(own.name == "chat m" && own.kind == "SPAN_KIND_SERVER" && own.status == "STATUS_CODE_UNSET")
            #expect(own.attributes["gen_ai.operation.name"] == "chat" && own.attributes["gen_ai.request.model"] == "m")
            #expect(own.attributes["http.request.method"] == "POST")
            #expect(own.attributes["url.path"] == "/v1/chat/completions")
            #expect(own.attributes["http.response.status_code"] == 200)
            #expect(own.attributes["client.address"] == "127.0.0.1")
            guard case .number(let tokens)? = own.attributes["gen_ai.usage.output_tokens"] else { throw Missing() }
            #expect(tokens > 0 && own.attributes["gen_ai.usage.input_tokens"] != nil)
            #expect(
                own.attributes["paddler.outcome"] == "answered" && own.attributes["paddler.upstream_name"] == "agent-0"
            )
            let attempt = try #require(spans.first { $0.name == "attempt" })
            #expect(attempt.kind == "SPAN_KIND_CLIENT" && attempt.parent == own.id)
            #expect(attempt.attributes["server.address"] == "127.0.0.1")
            #expect(attempt.attributes["server.port"] == .number(Double(fleet.servers[0].port)))
            #expect(attempt.attributes["paddler.upstream_reason"] == "only")
            #expect(tree(spans).starts(with: ["chat m", "chat m attempt", "attempt connect"]))
            checkOrder(spans)
        }
    }

    @Test("of a stream: when its prompt was computed, and how long it streamed; of one that waited: for how long")
    func streamed() async throws {
        try await withTracedFleet { fleet, collector in
            let occupied = try await fleet.balancer.occupySlots(2)
            let waiting = try fleet.connect()
            let head = ["X-Request-Id": "stream"]
            try await waiting.send(RawClient.request("POST", "/v1/chat/completions", headers: head, body: Self.stream))
            try await eventually("a request that waits") {
                let reply = try await RawClient.exchange("GET", "/metrics", port: fleet.balancer.managementPort)
                return reply.text.contains("paddler_requests_buffered 1")
            }
            for client in occupied { await client.close() }
            _ = try await waiting.reply()
            let spans = try await collector.trace(of: "stream")
            #expect(
                tree(spans) == [
                    "chat m", "chat m queue", "chat m attempt", "attempt connect", "attempt prefill", "attempt stream",
                ]
            )
            try #require(spans.count == 6)
            #expect(spans[0].attributes["gen_ai.request.stream"] == 1 && spans[0].parent == "")
            guard case .number(let first)? = spans[0].attributes["gen_ai.response.time_to_first_chunk"] else {
                throw Missing()
            }
            let until = Double(spans[5].start - spans[0].start) / 1e9
            #expect(abs(first - until) < 1e-6)
            #expect(spans[1].end > spans[1].start)
            checkOrder(spans)
        }
    }

    @Test("of a request that a server broke off before its first byte: both attempts, and why there are two")
    func retried() async throws {
        try await withTracedFleet(servers: 2) { fleet, collector in
            // The server without it has more idle slots from now on, so that the next request goes there.
            let bystander = try await fleet.balancer.occupySlots(1)[0]
            let (victim, other) = try await FaultTests.roles(in: fleet)
            try await victim.fault(.closeBeforeHead, count: 1, path: "/v1/chat/completions")
            let reply = try await fleet.exchange(headers: ["X-Request-Id": "retried"], body: Self.stream)
            #expect(reply.status == 200)
            let spans = try await collector.trace(of: "retried")
            let attempts = spans.filter { $0.name == "attempt" }
            try #require(attempts.count == 2)
            #expect(spans[0].attributes["paddler.attempts"] == 2)
            #expect(attempts[0].status == "STATUS_CODE_ERROR" && attempts[0].attributes["error.type"] == "broken_off")
            for (attempt, server) in zip(attempts, [victim, other]) {
                #expect(attempt.attributes["server.port"] == .number(Double(server.port)))
            }
            #expect(attempts[1].attributes["http.request.resend_count"] == 1)
            #expect(spans[0].status == "STATUS_CODE_UNSET" && attempts[1].status == "STATUS_CODE_UNSET")
            checkOrder(spans)
            withExtendedLifetime(bystander) {}
        }
    }

    @Test("of an answer that was cut: in red, with how far it came")
    func cut() async throws {
        try await withTracedFleet { fleet, collector in
            try await fleet.servers[0].fault(.cutMidStream, afterTokens: 3)
            let client = try fleet.connect()
            let head = ["X-Request-Id": "cut"]
            try await client.send(RawClient.request("POST", "/v1/chat/completions", headers: head, body: Self.stream))
            let spans = try await collector.trace(of: "cut")
            #expect(tree(spans).suffix(2) == ["attempt prefill", "attempt stream"])
            let own = try #require(spans.first)
            #expect(own.status == "STATUS_CODE_ERROR" && own.message == "cut: broken off")
            #expect(own.attributes["error.type"] == "broken_off" && own.attributes["http.response.status_code"] == 200)
            #expect(own.attributes["gen_ai.usage.output_tokens"] != nil)
            #expect(spans.first { $0.name == "attempt" }?.status == "STATUS_CODE_ERROR")
            checkOrder(spans)
        }
    }

    @Test("nothing of a request whose client says that nobody records it, nor of those beyond the sample")
    func unsampled() async throws {
        try await withTracedFleet(["--otlp-sample", "0"]) { fleet, collector in
            for flags in ["00", "01"] {
                let parent = "00-\(Self.trace)-\(Self.parent)-\(flags)"
                _ = try await fleet.exchange(headers: ["X-Request-Id": flags, "traceparent": parent], body: "{}")
            }
            _ = try await fleet.exchange(headers: ["X-Request-Id": "none"], body: "{}")
            fleet.balancer.process.signal(SIGTERM)
            #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
            // All that there was has been sent, and read.
            try await collector.process.kill()
            #expect(try collector.spans().compactMap { $0.attributes["paddler.request_id"] } == ["01"])
        }
    }

    @Test("what a collector misses that is away comes when it is back, and a stop sends the rest")
    func away() async throws {
        try await withTracedFleet { fleet, collector in
            try await collector.process.kill()
            _ = try await fleet.exchange(headers: ["X-Request-Id": "missed"], body: "{}")
            try await fleet.balancer.process.waitForLine(containing: "spans don't get to the collector")
            let next = try await Collector.start(port: collector.port)
            _ = try await next.trace(of: "missed")
            try await fleet.balancer.process.waitForLine(containing: "spans get to the collector again")
            _ = try await fleet.exchange(headers: ["X-Request-Id": "last"], body: "{}")
            fleet.balancer.process.signal(SIGTERM)
            #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
            try await next.process.kill()
            #expect(try next.spans().contains { $0.attributes["paddler.request_id"] == "last" })
        }
    }

    private struct Missing: Error {}
}
