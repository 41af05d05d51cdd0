import Foundation
import LlamaServer
import RequestRecords
import Scheduling
import Testing

@Suite("Records as lines of JSON")
struct RequestLineTests {
    private func line(_ record: RequestRecord) -> String {
        var line = RequestLine()
        line.write(record)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    private func members(_ record: RequestRecord) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line(record).utf8)) as? [String: Any])
    }

    private func moment(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    /// 2026-11-30T04:11:23.250Z.
    private let time: Int64 = 1_796_011_883_250_000_000

    private func answered() -> RequestRecord {
        var record = RequestRecord(.made(0xabc, 0xdef), time: time, arrived: moment(1000))
        record.client = "192.0.2.1"
        record.endpoint = "POST /v1/chat/completions"
        record.model = "qwen"
        record.received = moment(1001)
        record.waits(since: moment(1001))
        record.stopsWaiting(at: moment(1501))
        record.goes(to: UpstreamRoute(address: NetworkAddress(host: "10.0.0.1", port: 8080)), named: "gpu-1")
        record.choice = Choice(ground: .prompt)
        record.choice?.promptFound = 5120
        record.choice?.promptBytes = 8000
        record.sent = moment(1502)
        record.isAnswered(200, at: moment(1600))
        record.firstToken = moment(1700)
        record.usage = ReportedUsage(promptComputed: 10, promptCached: 90, generated: 21)
        record.spokenProtocol = .http2
        record.requestBytes = 300
        record.answerBytes = 4000
        record.ends(.answered, at: moment(3700))
        return record
    }

    @Test("all that is known of an answered request is there, in this order")
    func answeredRequest() {
        #expect(
            line(answered()) == """
                {"time":"2026-11-30T04:11:23.250Z","request_id":"0000000000000abc0000000000000def","trace_id":null,\
                "tenant":null,"client":"192.0.2.1","method":"POST","path":"/v1/chat/completions",\
                "protocol":"HTTP/2","model":"qwen","outcome":"answered","outcome_reason":null,"status":200,"upstream":"10.0.0.1:8080",\
                "upstream_name":"gpu-1","upstream_reason":"prompt;cached=5120;of=8000","attempts":1,\
                "received_seconds":0.001000,"waited_seconds":0.500000,"first_byte_seconds":0.600000,\
                "first_token_seconds":0.700000,"total_seconds":2.700000,"tokens_prompt":100,"tokens_cached":90,\
                "tokens_generated":21,"tokens_per_second":10.00,"request_bytes":300,"answer_bytes":4000}
                """
        )
    }

    @Test("what isn't known is null, and nothing is left out")
    func unknown() throws {
        var record = RequestRecord(.given("mine"), time: time, arrived: moment(0))
        record.trace = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
        record.status = 400
        record.ends(.refused(.invalid), at: moment(0))
        let members = try members(record)
        #expect(Set(members.keys) == Set(try self.members(answered()).keys))
        #expect(members["request_id"] as? String == "mine")
        #expect(members["trace_id"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(members["outcome"] as? String == "refused" && members["outcome_reason"] as? String == "invalid_request")
        for name in [
            "tenant", "client", "method", "path", "protocol", "model", "upstream", "upstream_name", "upstream_reason",
        ] {
            #expect(members[name] is NSNull, "\(name)")
        }
        for name in ["received_seconds", "first_byte_seconds", "tokens_prompt", "tokens_per_second"] {
            #expect(members[name] is NSNull, "\(name)")
        }
        #expect(members["attempts"] as? Int == 0 && members["waited_seconds"] as? Int == 0)
    }

    @Test(
        "texts from clients can't forge a line, move a terminal's cursor, or be without end",
        arguments: [
            "quote \" back \\ line \n return \r tab \t bell \u{7} escape \u{1B}[2J", "漢字 ok",
            "\u{202E}\u{2066}\u{85}\u{2028}",
            "\u{E0001}\u{E0020}", "👩‍👩‍👧",
        ]
    )
    func escaped(text: String) throws {
        var record = answered()
        record.model = text
        let line = line(record)
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !$0.properties.isBidiControl && $0 != "\u{85}" })
        #expect(try members(record)["model"] as? String == text)
    }

    @Test("a long text is cut")
    func long() throws {
        var record = answered()
        record.model = String(repeating: "m", count: 5000)
        #expect((try members(record)["model"] as? String)?.count == RequestLine.longestText + 1)
    }

    @Test(
        "times are told as the calendar has them",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (951_782_399_999_000_000, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
        ]
    )
    func times(time: Int64, text: String) throws {
        let record = RequestRecord(.made(0, 0), time: time, arrived: moment(0))
        #expect(try members(record)["time"] as? String == text)
        #expect(try members(record)["outcome"] as? String == "running")
    }
}
