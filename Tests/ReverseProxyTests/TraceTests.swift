import NIOCore
import RequestRecords
import Scheduling
import Synchronization
import Testing

@testable import ReverseProxy

@Suite("Requests that are traced", .timeLimit(.minutes(1)))
struct TraceTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let sampled = "traceparent: 00-\(trace)-b7ad6b7169203331-01"
    private static let unsampled = "traceparent: 00-\(trace)-b7ad6b7169203331-00"

    private func traced(_ fraction: Double = 1, capacity: Int = 100) -> TracedRequests {
        TracedRequests(sampling: TraceSampling(fraction: fraction), capacity: capacity) { _ in 1 }
    }

    /// What the upstream of a request is told of its trace, and what is kept of the request.
    private func sent(_ fields: [String], _ requests: TracedRequests?) async throws -> (told: [String], RequestRecord) {
        var told: [String] = []
        var record: RequestRecord?
        try await withProxy {
            $0.proxy.tracedRequests = requests
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.completion("body", fields: fields))
            let upstream = try await proxy.upstreams[0].accept()
            let message = try await upstream.readMessage()
            #expect(message.body == "body")
            told = message["traceparent"]
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
            record = try await proxy.onlyRecord()
        }
        return (told, try #require(record))
    }

    private func text(_ course: RequestCourse, span: SpanID) -> String {
        func hex(_ number: UInt64) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return "00-\(hex(course.trace.high))\(hex(course.trace.low))-\(hex(span.rawValue))-01"
    }

    @Test("its upstream is told the trace, and the attempt as its parent", arguments: [[sampled], []])
    func told(fields: [String]) async throws {
        let requests = traced()
        let (told, record) = try await sent(fields, requests)
        let course = try #require(requests.takeAll().first?.course)
        #expect(course.parent == (fields.isEmpty ? nil : SpanID(0xb7ad_6b71_6920_3331)))
        #expect(told == [text(course, span: course.spanForUpstream)])
        #expect(fields.isEmpty || told[0].contains(Self.trace))
        #expect(course.spanForUpstream != course.span)
        // Of those that are listed nothing is kept but the trace.
        #expect(record.trace == course.trace && record.course == nil)
    }

    @Test(
        "what its client says goes on as it came where it isn't traced",
        arguments: [([unsampled], 1), ([sampled], nil), ([unsampled], nil), ([], 0.0), ([], nil)]
    )
    func untraced(fields: [String], fraction: Double?) async throws {
        let requests = fraction.map { traced($0) }
        let (told, record) = try await sent(fields, requests)
        #expect(told == fields.map { String($0.dropFirst("traceparent: ".count)) })
        #expect(requests?.takeAll().isEmpty != false)
        #expect((record.trace == nil) == fields.isEmpty)
    }

    @Test("several traceparents are one, and what isn't one is replaced")
    func odd() async throws {
        #expect(try await sent([Self.sampled, Self.unsampled], traced()).told.count == 1)
        let (told, record) = try await sent(["traceparent: nonsense"], traced())
        #expect(told.count == 1 && told.first?.hasSuffix("-01") == true && record.trace != nil)
    }

    @Test("each attempt is a step of its own, and each upstream is told its own")
    func retried() async throws {
        let requests = traced()
        try await withProxy(slots: [2, 1]) {
            $0.proxy.tracedRequests = requests
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.completion("body", fields: [Self.sampled]))
            let first = try await proxy.upstreams[0].accept()
            let told = try await first.readMessage()["traceparent"]
            try await first.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy")
            let second = try await proxy.upstreams[1].accept()
            let message = try await second.readMessage()
            #expect(message.body == "body")
            try await second.send(HTTP.answer())
            _ = try await client.readMessage()
            let record = try #require(requests.takeAll().first)
            let course = try #require(record.course)
            #expect(course.steps.map(\.number) == [0, 1] && record.attempts == 2)
            for (step, told) in zip(course.steps, [told, message["traceparent"]]) {
                #expect(told == [text(course, span: course.span.child(forStep: step.number))])
            }
            let attempts = attempts(course)
            #expect(attempts.map(\.failure) == [.refused, nil] && attempts[0].explanation == "busy")
            #expect(attempts.map(\.route.address) == proxy.upstreams.map(\.address))
            #expect(attempts.map(\.choice?.attempt) == [1, 2])
            for attempt in attempts {
                let moments = [attempt.start, attempt.connecting, attempt.sent, attempt.end].compactMap(\.self)
                #expect(moments.count == 4 && moments == moments.sorted())
            }
        }
    }

    @Test("what waits has a wait, and what its client leaves ends where it was")
    func waits() async throws {
        let requests = traced()
        try await withProxy {
            $0.proxy.tracedRequests = requests
        } _: { proxy in
            let (first, upstream) = try await proxy.ask(HTTP.completion("1"))
            let second = try await proxy.client(sending: HTTP.completion("2"))
            let third = try await proxy.client(sending: HTTP.completion("3"))
            try await proxy.until("queued") { $0.queued == 2 }
            await third.close()
            try await proxy.until("left") { $0.queued == 1 }
            try await upstream.send(HTTP.answer())
            _ = try await first.readMessage()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            _ = try await second.readMessage()
        }
        let shapes = requests.takeAll().map { record in
            (record.course?.steps ?? []).map { step in
                switch step.step {
                case .wait(_, let end): end == nil ? "open wait" : "wait"
                case .attempt(let attempt): attempt.connecting == nil ? "attempt" : "connect"
                }
            }
        }
        #expect(shapes == [["wait"], ["connect"], ["wait", "attempt"]])
    }

    @Test("no connection, and a server that is gone, are told of the attempt")
    func failures() async throws {
        let requests = traced()
        try await withProxy(slots: []) {
            $0.proxy.tracedRequests = requests
            $0.scheduler.queueTimeout = .milliseconds(1)
        } _: { proxy in
            let gone = try await ScriptedUpstream.start()
            try await gone.stop()
            proxy.report(gone.address, slots: 1)
            let client = try await proxy.client(sending: HTTP.completion())
            _ = try await client.readMessage()
        }
        let course = try #require(requests.takeAll().first?.course)
        let attempt = try #require(attempts(course).first)
        #expect(attempt.failure == .noConnection && attempt.sent == nil && attempt.connecting != nil)
        #expect(attempt.explanation?.isEmpty == false)
    }

    private func attempts(_ course: RequestCourse) -> [RequestAttempt] {
        course.steps.compactMap { if case .attempt(let attempt) = $0.step { attempt } else { nil } }
    }
}
