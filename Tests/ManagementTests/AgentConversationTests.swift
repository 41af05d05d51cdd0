import AgentProtocol
import LlamaServer
import Scheduling
import Testing

@testable import AgentReception
@testable import Management

struct AgentConversationTests {
    private let agent = AgentID(rawValue: "a")
    private let now = Instant(nanoseconds: 5_000_000_000)

    @Test("a report is handed on in the scheduler's terms and on its clock")
    func report() throws {
        var conversation = AgentConversation(agent: agent, mayNameKey: false, mayNameSocket: false)
        let events = conversation.received(try Messages.bytes(Messages.hello(), Messages.report()), at: now)
        try #require(events.count == 2)
        guard case .greeted = events[0], case .reported(let report) = events[1] else {
            Issue.record("\(events)")
            return
        }
        #expect(report.agent == agent)
        #expect(report.name == "gpu-1")
        #expect(report.address == Messages.address)
        #expect(report.condition == .ready)
        #expect(report.models == ["m"])
        // Sent at 100 ms of the agent's clock and received at 5 s of ours: the poll of 80 to 90 ms was 20 to 10 ms ago.
        #expect(
            report.slots
                == Scheduling.SlotSample(
                    total: 4,
                    processing: 1,
                    taken: Instant(nanoseconds: 4_980_000_000)...Instant(nanoseconds: 4_990_000_000)
                )
        )
        #expect(report.maximumSilence > .milliseconds(4000))
        #expect(!conversation.isOver)
    }

    @Test("a heartbeat repeats the last report, but not its sample")
    func heartbeat() throws {
        var conversation = AgentConversation(agent: agent, mayNameKey: false, mayNameSocket: false)
        let first = conversation.received(try Messages.bytes(Messages.hello(), Messages.report()), at: now)
        let second = conversation.received(try Messages.bytes(.heartbeat), at: now + .seconds(2))
        guard case .reported(var report) = first.last, case .reported(let repeated) = second.last else {
            Issue.record("\(first) \(second)")
            return
        }
        report.slots = nil
        #expect(repeated == report)
        #expect(conversation.received(try Messages.bytes(.heartbeat, .heartbeat), at: now + .seconds(4)).count == 1)
    }

    @Test("leases of other balancers are news without a sample, and stay what they are until others are told")
    func others() throws {
        var conversation = AgentConversation(agent: agent, mayNameKey: false, mayNameSocket: false)
        _ = conversation.received(try Messages.bytes(Messages.hello(sharesLeases: true), Messages.report()), at: now)
        let heard = try [
            Messages.bytes(.others(leases: 3)), Messages.bytes(.heartbeat),
            Messages.bytes(Messages.report(sentAt: 200)),
            Messages.bytes(Messages.slots(processing: 2, others: 4, sentAt: 300)), Messages.bytes(.others(leases: 0)),
        ].map { bytes -> UpstreamReport? in
            guard case .reported(let report) = conversation.received(bytes, at: now + .seconds(1)).last else {
                return nil
            }
            return report
        }
        #expect(heard.map { $0?.others } == [3, 3, 3, 3, 0])
        #expect(heard.map { $0?.slots?.others } == [nil, nil, 0, 4, nil])
        #expect(heard.allSatisfy { $0?.sharesLeases == true })
    }

    @Test("leases of other balancers before the first report are refused")
    func othersTooEarly() throws {
        var conversation = AgentConversation(agent: agent, mayNameKey: false, mayNameSocket: false)
        let events = conversation.received(try Messages.bytes(Messages.hello(), .others(leases: 3)), at: now)
        guard case .refused = events.last else {
            Issue.record("\(events)")
            return
        }
    }

    @Test("news of the slots alone leave the rest as the last report said")
    func slots() throws {
        var conversation = AgentConversation(agent: agent, mayNameKey: false, mayNameSocket: false)
        let first = conversation.received(try Messages.bytes(Messages.hello(), Messages.report()), at: now)
        // Sent 2 s later on both clocks: the poll was 20 to 10 ms ago, as that of the report was.
        let second = conversation.received(
            try Messages.bytes(Messages.slots(processing: 3, sentAt: 2100)),
            at: now + .seconds(2)
        )
        guard case .reported(var report) = first.last, case .reported(let renewed) = second.last else {
            Issue.record("\(first) \(second)")
            return
        }
        report.slots = Scheduling.SlotSample(
            total: 4,
            processing: 3,
            taken: Instant(nanoseconds: 6_980_000_000)...Instant(nanoseconds: 6_990_000_000)
        )
        #expect(renewed == report)
        let third = conversation.received(try Messages.bytes(.heartbeat), at: now + .seconds(4))
        report.slots = nil
        guard case .reported(report) = third.last else {
            Issue.record("\(third)")
            return
        }
    }

    @Test("pieces of any size make the same conversation", arguments: [1, 7, 1000])
    func pieces(size: Int) throws {
        var conversation = AgentConversation(agent: agent, mayNameKey: false, mayNameSocket: false)
        let bytes = try Messages.bytes(Messages.hello(), Messages.report(), .goodbye)
        var events: [AgentConversation.Event] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += conversation.received(bytes[start..<min(start + size, bytes.count)], at: now)
        }
        #expect(events.count == 3)
        #expect(conversation.isOver)
    }

    @Test("a socket is taken from who may name one, and refused in words from all others", arguments: [true, false])
    func socket(mayNameSocket: Bool) throws {
        var conversation = AgentConversation(agent: agent, mayNameKey: false, mayNameSocket: mayNameSocket)
        let address = NetworkAddress(socketPath: "/run/llama.sock")
        let events = conversation.received(try Messages.bytes(Messages.hello(address: address)), at: now)
        switch events.first {
        case .greeted(let hello): #expect(mayNameSocket && hello.address == address)
        case .refused(let reason):
            #expect(
                !mayNameSocket && reason.hasPrefix("a balancer on another machine cannot reach unix:/run/llama.sock:")
            )
        default: Issue.record("\(events)")
        }
    }

    @Test("what makes no sense is refused in words, and nothing is taken after it", arguments: Nonsense.all)
    func refusal(nonsense: Nonsense) throws {
        var conversation = AgentConversation(agent: agent, mayNameKey: false, mayNameSocket: false)
        var bytes = try nonsense.bytes()
        bytes += try Messages.bytes(Messages.hello(), Messages.report())
        let events = conversation.received(bytes, at: now)
        guard case .refused(let reason) = events.last else {
            Issue.record("\(events)")
            return
        }
        #expect(reason.contains(nonsense.mention))
        #expect(conversation.isOver)
        let more = try Messages.bytes(Messages.hello())
        #expect(conversation.received(more, at: now).isEmpty)
        let reports = events.filter { if case .reported = $0 { true } else { false } }
        #expect(reports.isEmpty)
    }

    struct Nonsense: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let mention: String
        let bytes: @Sendable () throws -> [UInt8]

        static let all = [
            Nonsense(testDescription: "no JSON", mention: "JSON") { Array("hello\n".utf8) },
            Nonsense(testDescription: "a report first", mention: "before the hello") {
                try Messages.bytes(Messages.report())
            },
            Nonsense(testDescription: "a heartbeat first", mention: "before the first report") {
                try Messages.bytes(Messages.hello(), .heartbeat)
            },
            Nonsense(testDescription: "slots first", mention: "before the first report") {
                try Messages.bytes(Messages.hello(), Messages.slots(processing: 1, sentAt: 100))
            },
            Nonsense(testDescription: "slots before the hello", mention: "before the hello") {
                try Messages.bytes(Messages.slots(processing: 1, sentAt: 100))
            },
            Nonsense(testDescription: "two hellos", mention: "second hello") {
                try Messages.bytes(Messages.hello(), Messages.hello())
            },
            Nonsense(testDescription: "more busy than there are", mention: "5 slots") {
                try Messages.bytes(Messages.hello(), Messages.report(processing: 5))
            },
            Nonsense(testDescription: "a negative count", mention: "slots.processing") {
                try Messages.bytes(Messages.hello(), Messages.report(processing: -1))
            },
            Nonsense(testDescription: "another protocol", mention: "protocol_version") {
                try Messages.bytes(Messages.hello(version: 99))
            },
            Nonsense(testDescription: "a slow heart", mention: "heartbeat_interval_ms") {
                try Messages.bytes(Messages.hello(heartbeatMilliseconds: 20_001))
            },
            Nonsense(testDescription: "a line without end", mention: "longer than") {
                [UInt8](repeating: UInt8(ascii: "x"), count: AgentConnection.maximumLineBytes + 1)
            },
        ]
    }
}
