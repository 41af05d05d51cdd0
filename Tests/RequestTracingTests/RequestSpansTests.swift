import LlamaServer
import RequestRecords
import Scheduling
import Testing

@testable import RequestTracing

@Suite("The spans of a request")
struct RequestSpansTests {
    private func spans(_ record: RequestRecord) throws -> [TraceSpan] {
        let spans = try #require(RequestSpans(record)).all
        // What is told of those that are lost.
        #expect(RequestSpans.count(record) == spans.count)
        #expect(Set(spans.map(\.id)).count == spans.count)
        for span in spans { #expect(span.start <= span.end && span.trace == SampleRecords.trace) }
        return spans
    }

    /// Each with what stands above it, and its time in milliseconds after the request's begin.
    private func tree(_ spans: [TraceSpan]) -> [String] {
        spans.map { span in
            let parent = spans.first { $0.id == span.parent }
            let times = [span.start, span.end].map { "\(($0 - SampleRecords.time) / 1_000_000)" }
            return ([parent?.name, span.name].compactMap(\.self) + times).joined(separator: " ")
        }
    }

    private func value(_ key: String, of span: TraceSpan) -> SpanAttribute.Value? {
        span.attributes.first { $0.key == key }?.value
    }

    @Test("a stream waits, connects, has its prompt computed, and streams")
    func streamed() throws {
        let spans = try spans(SampleRecords.streamed())
        #expect(
            tree(spans) == [
                "chat qwen 0 3700", "chat qwen queue 1 501", "chat qwen attempt 501 3700", "attempt connect 501 502",
                "attempt prefill 502 700", "attempt stream 700 3700",
            ]
        )
        #expect(spans.map(\.kind) == [.server, .internal, .client, .internal, .internal, .internal])
        #expect(
            spans[0].id == SampleRecords.span && spans[0].parent == SampleRecords.parent && spans[0].hasRemoteParent
        )
        #expect(spans[1...].allSatisfy { !$0.hasRemoteParent })
        #expect(spans.allSatisfy { $0.status == .unset })
    }

    @Test("the request's own span says who asked for what, what it cost, and who answered")
    func attributes() throws {
        let own = try spans(SampleRecords.streamed())[0]
        let expected: [(String, SpanAttribute.Value)] = [
            ("http.request.method", .text("POST")), ("url.scheme", .text("http")),
            ("url.path", .text("/v1/chat/completions")), ("http.route", .text("/v1/chat/completions")),
            ("http.response.status_code", .integer(200)), ("client.address", .text("192.0.2.1")),
            ("gen_ai.operation.name", .text("chat")), ("gen_ai.provider.name", .text("llama.cpp")),
            ("gen_ai.request.model", .text("qwen")), ("gen_ai.request.stream", .flag(true)),
            ("gen_ai.response.time_to_first_chunk", .decimal(0.7)), ("gen_ai.usage.input_tokens", .integer(100)),
            ("gen_ai.usage.cache_read.input_tokens", .integer(90)), ("gen_ai.usage.output_tokens", .integer(21)),
            ("paddler.request_id", .text("mine")), ("paddler.tenant", .text("team-a")),
            ("paddler.outcome", .text("answered")), ("paddler.attempts", .integer(1)),
            ("paddler.upstream_name", .text("gpu-1")), ("paddler.upstream_reason", .text("least-busy")),
        ]
        #expect(own.attributes == expected.map { SpanAttribute($0, $1) })
    }

    @Test("an attempt says where it went; no key of a server is in it")
    func attempt() throws {
        let attempt = try spans(SampleRecords.streamed())[2]
        let expected: [(String, SpanAttribute.Value)] = [
            ("http.request.method", .text("POST")), ("server.address", .text("10.0.0.1")),
            ("server.port", .integer(8080)), ("url.full", .text("http://10.0.0.1:8080/v1/chat/completions")),
            ("http.response.status_code", .integer(200)), ("paddler.upstream_name", .text("gpu-1")),
            ("paddler.upstream_reason", .text("least-busy")),
        ]
        #expect(attempt.attributes == expected.map { SpanAttribute($0, $1) })
    }

    @Test("a whole answer comes when all of it is made: what its prompt took is known if the server says it")
    func whole() throws {
        var usage = ReportedUsage(promptComputed: 1, promptCached: 0, generated: 9, promptMilliseconds: 300)
        #expect(
            try tree(spans(SampleRecords.whole(usage))).dropFirst(3) == [
                "attempt prefill 1 301", "attempt generate 301 2001",
            ]
        )
        usage.promptMilliseconds = 30_000
        #expect(try tree(spans(SampleRecords.whole(usage))).last == "attempt generate 2001 2001")
        #expect(try tree(spans(SampleRecords.whole(nil))).dropFirst(3) == ["attempt generate 1 2001"])
        let embedded = SampleRecords.whole(nil, endpoint: "POST /v1/embeddings")
        #expect(try tree(spans(embedded)).dropFirst(3) == ["attempt prefill 1 2001"])
        let listed = SampleRecords.whole(nil, endpoint: "GET /v1/models")
        #expect(try tree(spans(listed)).dropFirst(3) == [])
    }

    @Test("of an attempt that failed there is its own span, and why")
    func retried() throws {
        var record = SampleRecords.begun()
        SampleRecords.send(&record, to: 1, at: 0)
        record.course?.fails(.brokenOff)
        record.waits(since: SampleRecords.moment(10))
        SampleRecords.send(&record, to: 2, at: 20)
        record.isAnswered(200, at: SampleRecords.moment(30))
        record.firstToken = SampleRecords.moment(31)
        record.ends(.answered, at: SampleRecords.moment(40))
        let spans = try spans(record)
        #expect(
            tree(spans) == [
                "chat qwen 0 40", "chat qwen attempt 0 10", "attempt connect 0 1", "chat qwen queue 10 20",
                "chat qwen attempt 20 40", "attempt connect 20 21", "attempt prefill 21 31", "attempt stream 31 40",
            ]
        )
        #expect(spans[1].status == .failed(nil) && value("error.type", of: spans[1]) == .text("broken_off"))
        #expect(value("http.request.resend_count", of: spans[1]) == nil)
        #expect(spans[4].status == .unset && value("http.request.resend_count", of: spans[4]) == .integer(1))
        #expect(spans[0].status == .unset && value("paddler.attempts", of: spans[0]) == .integer(2))
    }

    @Test("without a connection, why there was none stands at the connecting, too")
    func unconnected() throws {
        var record = SampleRecords.begun()
        record.course?.goes(to: SampleRecords.route(1), named: nil, because: nil, at: SampleRecords.moment(0))
        record.course?.connects(at: SampleRecords.moment(0))
        record.course?.fails(.noConnection, "connection refused")
        record.status = 502
        record.ends(.failed(.noConnection), at: SampleRecords.moment(5))
        let spans = try spans(record)
        #expect(tree(spans) == ["chat qwen 0 5", "chat qwen attempt 0 5", "attempt connect 0 5"])
        #expect(spans[0].status == .failed("failed: no connection"))
        #expect(value("error.type", of: spans[0]) == .text("no_connection"))
        #expect(spans[1].status == .failed("connection refused") && spans[2].status == .failed("connection refused"))
        #expect(value("error.type", of: spans[1]) == .text("connect"))
    }

    @Test(
        "how a request ended that wasn't answered stands in the words of its outcome",
        arguments: [
            (RequestOutcome.cut(.brokenOff), 200, "cut: broken off", "broken_off", true),
            (.timedOut(.firstByte), 504, "timed out: first byte", "timed_out", true),
            (.clientLeft(.answering), 200, "client left: answering", "client_left", false),
            (.refused(.shuttingDown), 503, "refused: shutting down", "shutting_down", true),
        ]
    )
    func ended(outcome: RequestOutcome, status: Int, words: String, type: String, attemptFails: Bool) throws {
        var record = SampleRecords.begun()
        SampleRecords.send(&record, to: 1, at: 0)
        record.isAnswered(status, at: SampleRecords.moment(10))
        record.ends(outcome, at: SampleRecords.moment(20))
        let spans = try spans(record)
        #expect(spans[0].status == .failed(words) && value("error.type", of: spans[0]) == .text(type))
        #expect(spans[1].status == (attemptFails ? .failed(words) : .unset))
        #expect(value("error.type", of: spans[1]) == (attemptFails ? .text(type) : nil))
    }

    @Test("what a client did wrong is no failure of the balancer's; what a server says it did wrong is one")
    func statuses() throws {
        var refused = SampleRecords.begun()
        refused.status = 429
        refused.ends(.refused(.queueFull), at: SampleRecords.moment(1))
        let own = try spans(refused)[0]
        #expect(own.status == .unset && value("error.type", of: own) == nil)
        #expect(value("paddler.outcome_reason", of: own) == .text("queue_full"))
        for (status, fails) in [(400, false), (500, true)] {
            var record = SampleRecords.begun()
            SampleRecords.send(&record, to: 1, at: 0)
            record.isAnswered(status, at: SampleRecords.moment(10))
            record.ends(.answered, at: SampleRecords.moment(11))
            let spans = try spans(record)
            #expect(spans[0].status == (fails ? .failed(nil) : .unset))
            #expect(value("error.type", of: spans[0]) == (fails ? .text("500") : nil))
            #expect(spans[1].status == .failed(nil) && value("error.type", of: spans[1]) == .text("\(status)"))
            #expect(tree(spans).dropFirst(2) == ["attempt connect 0 1"])
        }
    }

    @Test("a stream that was cut before its first token had its prompt computed until then")
    func cutEarly() throws {
        var record = SampleRecords.begun()
        SampleRecords.send(&record, to: 1, at: 0)
        record.isAnswered(200, at: SampleRecords.moment(10))
        record.ends(.cut(.silent), at: SampleRecords.moment(20))
        #expect(try tree(spans(record)).last == "attempt prefill 1 20")
    }

    @Test("a request that isn't traced has none")
    func untraced() {
        var record = SampleRecords.streamed()
        record.course = nil
        #expect(RequestSpans(record) == nil && RequestSpans.count(record) == 0)
    }
}
