import LlamaServer
import RequestRecords
import Scheduling
import Testing

@Suite("The steps of a request")
struct RequestCourseTests {
    private let route = UpstreamRoute(address: NetworkAddress(host: "10.0.0.1", port: 8080))

    private func moment(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func traced() -> RequestRecord {
        var record = RequestRecord(.made(1, 2), time: 0, arrived: moment(0))
        record.course = RequestCourse(trace: TraceID(high: 1, low: 2), span: SpanID(3))
        return record
    }

    private func go(_ record: inout RequestRecord, at milliseconds: Int64) {
        record.stopsWaiting(at: moment(milliseconds))
        record.goes(to: route, named: "gpu-1")
        record.course?.goes(to: route, named: "gpu-1", because: nil, at: moment(milliseconds))
    }

    private func shape(_ record: RequestRecord) -> [String] {
        (record.course?.steps ?? []).map { step in
            switch step.step {
            case .wait(let start, let end):
                "wait \(start.nanoseconds / 1_000_000) to \(end.map { "\($0.nanoseconds / 1_000_000)" } ?? "")"
            case .attempt(let attempt):
                "attempt \(attempt.start.nanoseconds / 1_000_000) to "
                    + "\(attempt.end.map { "\($0.nanoseconds / 1_000_000)" } ?? "")"
                    + (attempt.failure.map { " \($0.rawValue)" } ?? "")
            }
        }
    }

    @Test("each begins where the one before ends, and the last ends with the request")
    func steps() {
        var record = traced()
        record.waits(since: moment(1))
        record.waits(since: moment(2))
        go(&record, at: 10)
        record.course?.connects(at: moment(10))
        record.course?.fails(.noConnection, "connection refused")
        record.waits(since: moment(20))
        go(&record, at: 30)
        record.course?.isSent(naming: nil, at: moment(31))
        #expect(shape(record) == ["wait 1 to 10", "attempt 10 to 20 connect", "wait 20 to 30", "attempt 30 to "])
        record.ends(.answered, at: moment(50))
        #expect(shape(record).last == "attempt 30 to 50")
    }

    @Test("a connection that was of no use is no part of the attempt")
    func connectsAgain() throws {
        var record = traced()
        go(&record, at: 1)
        record.course?.isSent(naming: nil, at: moment(1))
        record.course?.connects(at: moment(2))
        record.course?.connects(at: moment(5))
        record.course?.isSent(naming: "other", at: moment(8))
        guard case .attempt(let attempt)? = record.course?.steps.last?.step else { throw Missing() }
        #expect(attempt.connecting == moment(2) && attempt.sent == moment(8) && attempt.model == "other")
    }

    private struct Missing: Error {}

    @Test("its upstream sees the attempt, and nobody's span is another's")
    func spans() throws {
        var record = traced()
        let course = try #require(record.course)
        #expect(course.spanForUpstream == SpanID(3))
        var seen: Set<SpanID> = [SpanID(3)]
        for number in 0..<1000 {
            go(&record, at: Int64(number))
            seen.insert(try #require(record.course?.spanForUpstream))
        }
        #expect(seen.count == 1001)
        #expect(Set((0..<10_000).map { SpanID(3).child($0) }).count == 10_000)
        #expect(SpanID(0) == SpanID(1))
    }

    @Test("of very many the first are kept, and the last")
    func bounded() {
        var record = traced()
        for number in 0..<1000 { go(&record, at: Int64(number)) }
        record.ends(.failed(.noConnection), at: moment(1000))
        #expect(shape(record).count == RequestCourse.mostSteps)
        #expect(shape(record).first == "attempt 0 to 1" && shape(record).last == "attempt 999 to 1000")
    }
}
