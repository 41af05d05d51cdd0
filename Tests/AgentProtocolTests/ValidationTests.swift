import AgentProtocol
import LlamaServer
import Testing

@Suite("What is believed")
struct ValidationTests {
    static func report(
        sentAt: Double = 10,
        total: Int = 4,
        processing: Int = 1,
        startedAt: Double = 1,
        finishedAt: Double = 2
    ) -> StatusReport {
        StatusReport(
            sentAtMilliseconds: sentAt,
            condition: .ready,
            slots: SlotSample(
                total: total,
                processing: processing,
                startedAtMilliseconds: startedAt,
                finishedAtMilliseconds: finishedAt
            )
        )
    }

    @Test(
        "what can be is believed",
        arguments: [
            report(), report(total: 0, processing: 0), report(processing: 4), report(total: 65536),
            report(sentAt: 2), report(startedAt: 0, finishedAt: 0),
        ]
    )
    func believed(report: StatusReport) throws {
        #expect(try report.validated() == report)
        #expect(report.fitted() == report)
    }

    @Test(
        "what cannot be is not",
        arguments: [
            (report(total: -1, processing: -1), "slots.total makes no sense: -1"),
            (report(total: 65537), "slots.total makes no sense: 65537"),
            (report(processing: -1), "slots.processing makes no sense: -1"),
            (report(processing: 5), "5 slots are processing out of 4"),
            (report(sentAt: -1), "sent_at_ms makes no sense: -1.0"),
            (report(sentAt: .infinity), "sent_at_ms makes no sense: inf"),
            (report(startedAt: .nan), "slots.started_at_ms makes no sense: nan"),
            (report(startedAt: 3), "the poll ends before it begins, or after its report was sent"),
            (report(finishedAt: 11), "the poll ends before it begins, or after its report was sent"),
            (
                StatusReport(sentAtMilliseconds: 1, condition: .down(String(repeating: "x", count: 1025))),
                "condition.message is longer than 1024 bytes"
            ),
            (
                StatusReport(sentAtMilliseconds: 1, condition: .ready, models: Array(repeating: "", count: 257)),
                "models makes no sense: 257 entries"
            ),
            (
                StatusReport(sentAtMilliseconds: 1, condition: .ready, models: [String(repeating: "x", count: 8193)]),
                "models is longer than 8192 bytes"
            ),
            (
                StatusReport(sentAtMilliseconds: 1, condition: .ready, contextSize: -1),
                "context_size makes no sense: -1"
            ),
        ]
    )
    func refused(report: StatusReport, reason: String) {
        let error = #expect(throws: ReportError.self) { try report.validated() }
        #expect(error?.description == reason)
    }

    @Test("what a llama-server says too much of is cut to what is believed")
    func fitted() throws {
        let long = String(repeating: "🦙", count: 1000)
        let report = StatusReport(
            sentAtMilliseconds: 1,
            condition: .down(long),
            slots: SlotSample(total: 1 << 40, processing: 1 << 41, startedAtMilliseconds: 0, finishedAtMilliseconds: 1),
            models: ["a", String(repeating: "x", count: 9000), "b"],
            contextSize: .max,
            build: long
        )
        let fitted = report.fitted()
        try fitted.validated()
        #expect(fitted.models == ["a", "b"])
        #expect(fitted.slots?.processing == 65536)
    }

    @Test("another protocol's hello is refused, and says what to do")
    func otherVersion() {
        let hello = Hello(
            agentVersion: "9",
            address: NetworkAddress(host: "a", port: 1),
            heartbeatIntervalMilliseconds: 2000,
            protocolVersion: 3
        )
        let error = #expect(throws: ReportError.self) { try hello.validated() }
        #expect(error?.description.contains("run the same version of paddler on both sides") == true)
    }

    @Test("a heartbeat that would never come is refused", arguments: [-1, 0, 49, 600_001, .max])
    func heartbeat(milliseconds: Int) {
        let hello = Hello(
            agentVersion: "1",
            address: NetworkAddress(host: "a", port: 1),
            heartbeatIntervalMilliseconds: milliseconds
        )
        #expect(throws: ReportError.self) { try hello.validated() }
    }

    @Test("every condition but ready says what to do")
    func hints() {
        let conditions: [Condition] = [
            .loading, .down(""), .unresponsive, .stuck(""), .unauthorized, .slotsDisabled, .restarting(""),
            .failing(""), .unloaded,
            .unexpected(""),
        ]
        for condition in conditions { #expect(condition.hint != nil) }
        #expect(Condition.ready.hint == nil)
    }
}
