import HTTPFraming
import LlamaServer
import ProxyExchange
import Scheduling
import Testing

@Suite("What the end of an upstream's connection means")
struct UpstreamLinkTests {
    private let relay = ResponseRelay()

    @Test("before the request was handed to the system nothing of it was read", arguments: [true, false])
    func beforeFlush(wasIdle: Bool) {
        var link = UpstreamLink()
        if wasIdle { link.becomesIdle() }
        link.sends(100)
        guard case .brokeOff(.unread(wasIdle)) = link.ended(relay) else { Issue.record("it was read"); return }
    }

    @Test(
        "a request that the other side's system took none of was read by nobody; a byte more, and perhaps it was",
        arguments: [(100, true), (99, false), (0, false)]
    )
    func unacknowledged(bytes: Int, isUnread: Bool) {
        var link = UpstreamLink()
        link.sends(100)
        link.flushed()
        #expect(link.mayEndUntouched)
        link.endsWith(unacknowledged: bytes)
        switch link.ended(relay) {
        case .brokeOff(.unread): #expect(isUnread)
        case .brokeOff(.perhapsExecuted): #expect(!isUnread)
        case let end: Issue.record("\(end)")
        }
    }

    @Test("bytes in front of the request are no response to it, and behind a part of a head nothing is asked for again")
    func receptions() {
        var link = UpstreamLink()
        guard case .unasked = link.received() else { Issue.record("it was asked for"); return }
        link.sends(100)
        guard case .early = link.received() else { Issue.record("it was in time"); return }
        link.sends(100)
        link.flushed()
        guard case .head = link.received(), case .inHead = link.ended(relay) else {
            Issue.record("no part of a head")
            return
        }
    }

    @Test("announcements come to an end")
    func interim() {
        var link = UpstreamLink()
        link.sends(1)
        link.flushed()
        var count = 0
        while count < 1000, link.interimHeadCame(30) { count += 1 }
        #expect(count == 64)
    }

    @Test(
        "only a response that is as long as its connection ends with that, and only if nothing casts a doubt on it",
        arguments: [("Content-Length: 5", false, false), ("X: y", false, true), ("X: y", true, false)]
    )
    func endOfResponse(field: String, isDoubtful: Bool, isWhole: Bool) throws {
        var link = UpstreamLink()
        link.sends(1)
        link.flushed()
        _ = link.received()
        var relay = try Self.relay("HTTP/1.1 200 OK\r\n\(field)\r\n\r\n")
        link.responseBegins()
        relay.endIsDoubtful = isDoubtful
        switch link.ended(relay) {
        case .ofResponse: #expect(isWhole)
        case .cut: #expect(!isWhole)
        case let end: Issue.record("\(end)")
        }
    }

    @Test("a goodbye is waited for only where llama-server gives one")
    func goodbye() throws {
        let lease = try #require(Self.lease())
        var link = UpstreamLink()
        link.sends(1)
        let isEarly = link.saysGoodbye(for: lease, relay)
        #expect(!isEarly, "nothing was sent")
        link.flushed()
        let isAwaited = link.saysGoodbye(for: lease, relay)
        #expect(isAwaited)
        guard case .ofGoodbye(lease, .clientLeft(runsOn: .untilItLooks)) = link.ended(relay) else {
            Issue.record("an end without a word says nothing")
            return
        }
        link.sends(1)
        link.flushed()
        _ = link.saysGoodbye(for: lease, relay)
        _ = link.received()
        guard case .ofGoodbye(lease, .clientLeft(runsOn: .no)) = link.ended(relay) else {
            Issue.record("the end of a response is the end of its slot")
            return
        }
        link.sends(1)
        link.flushed()
        _ = link.received()
        link.responseBegins()
        let whole = try Self.relay("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        let isWaitedFor = link.saysGoodbye(for: lease, whole)
        #expect(!isWaitedFor, "a whole response may be long")
    }

    private static func relay(_ head: String) throws -> ResponseRelay {
        var relay = ResponseRelay()
        var parsed = ResponseHead()
        let bytes = Array(head.utf8)
        _ = try parsed.parse(bytes.span, answering: .post)
        relay.begin(parsed, in: bytes.span, for: .init(knowsChunks: true, hasHead: false, dialect: .openAI))
        return relay
    }

    private static func lease() -> Lease? {
        var scheduler = Scheduler(configuration: Scheduler.Configuration())
        let now = Instant(nanoseconds: 1)
        _ = scheduler.reported(
            UpstreamReport(
                agent: AgentID(rawValue: "a"),
                route: UpstreamRoute(address: NetworkAddress(host: "a", port: 8080)),
                condition: .ready,
                slots: SlotSample(total: 1, processing: 0, taken: now...now),
                maximumSilence: .seconds(3600)
            ),
            at: now
        )
        guard case .dispatch(let lease) = scheduler.submit(RequestID(rawValue: 1), at: now) else { return nil }
        return lease
    }
}
