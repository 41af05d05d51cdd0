import Testing

@testable import RequestTracing

@Suite("What becomes of spans by what the collector says")
struct DeliveryTests {
    private func ok(_ body: String = "{}") -> CollectorAnswer {
        .reply(status: 200, retryAfter: nil, body: Array(body.utf8))
    }

    private func judge(
        _ delivery: inout Delivery,
        _ answer: CollectorAnswer,
        jitter: Double = 1
    )
        -> (verdict: Delivery.Verdict, change: Delivery.Change?)
    {
        delivery.judge(answer, spans: 10, now: 1_000_000, jitter: jitter)
    }

    @Test(
        "what it may take later is sent again, after pauses that grow to half a minute",
        arguments: [429, 502, 503, 504]
    )
    func again(status: Int) {
        var delivery = Delivery()
        var pauses: [Duration] = []
        for _ in 0..<20 {
            let answer = CollectorAnswer.reply(status: status, retryAfter: nil, body: [])
            guard case .again(let pause) = judge(&delivery, answer).verdict else { break }
            pauses.append(pause)
        }
        #expect(Array(pauses.prefix(6)) == [1, 2, 4, 8, 16, 30].map { Duration.seconds($0) })
        #expect(pauses.count == 20 && pauses.last == .seconds(30))
        #expect(judge(&delivery, ok()).verdict == .delivered)
        #expect(judge(&delivery, .none("connection refused"), jitter: 0).verdict == .again(after: .milliseconds(500)))
    }

    @Test(
        "for as long as it wants to be left alone it is, within reason",
        arguments: [("7", 7), ("0", 1), ("100000", 300), ("Mon, 12 Jan 1970 13:46:50 GMT", 10), ("soon", 1)]
    )
    func wish(text: String, seconds: Int) {
        var delivery = Delivery()
        let answer = CollectorAnswer.reply(status: 503, retryAfter: text, body: [])
        #expect(judge(&delivery, answer).verdict == .again(after: .seconds(seconds)))
    }

    @Test("what it will never take is lost", arguments: [301, 400, 401, 404, 413, 500, 501])
    func lost(status: Int) {
        var delivery = Delivery()
        #expect(judge(&delivery, .reply(status: status, retryAfter: "5", body: [])).verdict == .lost(10))
    }

    @Test(
        "of what it takes in part the rest is lost",
        arguments: [
            (#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}"#, 3),
            (#"{"partialSuccess":{"rejectedSpans":99}}"#, 10),
        ]
    )
    func partly(body: String, lost: Int) {
        var delivery = Delivery()
        let (verdict, change) = judge(&delivery, ok(body))
        #expect(verdict == .lost(lost))
        let reason = if case .failed(let reason)? = change { reason } else { "" }
        #expect(reason.contains("of 10 were rejected"))
        for body in ["", "{}", #"{"partialSuccess":{}}"#, #"{"partialSuccess":{"errorMessage":"deprecated"}}"#] {
            #expect(judge(&delivery, ok(body)).verdict == .delivered)
        }
    }

    @Test("the log has one line when it fails, and one when it works again")
    func changes() {
        var delivery = Delivery()
        #expect(judge(&delivery, ok()).change == nil)
        #expect(judge(&delivery, .none("connection refused")).change == .failed("connection refused"))
        #expect(judge(&delivery, .none("no answer in time")).change == nil)
        #expect(judge(&delivery, .reply(status: 400, retryAfter: nil, body: [])).change == nil)
        #expect(judge(&delivery, ok()).change == .works)
        #expect(judge(&delivery, ok()).change == nil)
    }
}
