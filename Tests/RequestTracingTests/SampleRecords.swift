import LlamaServer
import RequestRecords
import Scheduling

/// Requests that are traced, with what happened to them.
enum SampleRecords {
    /// 2026-11-30T04:11:23.250Z.
    static let time: Int64 = 1_796_011_883_250_000_000

    static let trace = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
    static let span = SpanID(0xfeed)
    static let parent = SpanID(0xb7ad_6b71_6920_3331)

    static func moment(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 5_000_000_000 + milliseconds * 1_000_000)
    }

    static func route(_ number: Int) -> UpstreamRoute {
        UpstreamRoute(address: NetworkAddress(host: "10.0.0.\(number)", port: 8080), apiKey: "secret")
    }

    static func begun(_ endpoint: String = "POST /v1/chat/completions", hasParent: Bool = true) -> RequestRecord {
        var record = RequestRecord(.given("mine"), time: time, arrived: moment(0))
        record.course = RequestCourse(trace: trace, span: span, parent: hasParent ? parent : nil)
        record.trace = trace
        record.client = "192.0.2.1"
        record.endpoint = endpoint
        record.model = "qwen"
        return record
    }

    /// Connects within a millisecond.
    static func send(_ record: inout RequestRecord, to number: Int, at milliseconds: Int64) {
        let choice = Choice(ground: .leastBusy)
        record.stopsWaiting(at: moment(milliseconds))
        record.goes(to: route(number), named: "gpu-\(number)")
        record.course?.goes(to: route(number), named: "gpu-\(number)", because: choice, at: moment(milliseconds))
        record.course?.connects(at: moment(milliseconds))
        record.course?.isSent(naming: nil, at: moment(milliseconds + 1))
        record.sent = moment(milliseconds + 1)
        record.choice = choice
    }

    /// Waits for 500 ms, and streams from the 700th on.
    static func streamed() -> RequestRecord {
        var record = begun()
        record.tenant = "team-a"
        record.waits(since: moment(1))
        send(&record, to: 1, at: 501)
        record.isAnswered(200, at: moment(600))
        record.firstToken = moment(700)
        record.usage = ReportedUsage(promptComputed: 10, promptCached: 90, generated: 21)
        record.ends(.answered, at: moment(3700))
        return record
    }

    static func whole(_ usage: ReportedUsage?, endpoint: String = "POST /v1/chat/completions") -> RequestRecord {
        var record = begun(endpoint, hasParent: false)
        send(&record, to: 1, at: 0)
        record.isAnswered(200, at: moment(2000))
        record.usage = usage
        record.ends(.answered, at: moment(2001))
        return record
    }
}
