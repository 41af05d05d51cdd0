import AgentProtocol
import LlamaServer
import Testing

@testable import Agent
@testable import AgentRules

@Suite("What a connection says", .timeLimit(.minutes(1)))
struct LinkUplinkTests {
    private static let hello = Hello(
        agentVersion: "1",
        address: NetworkAddress(host: "192.0.2.1", port: 8088),
        heartbeatIntervalMilliseconds: 2000
    )

    @Test("first hello, then the latest, however much happened in between")
    func latest() async throws {
        let outbox = LinkOutbox(clock: AgentClock())
        var says = outbox.connect(Self.hello).makeAsyncIterator()
        #expect(try await says.message() == .hello(Self.hello))
        for number in 1...100 { outbox.publish(Self.status(sample: number)) }
        #expect(try await says.report()?.slots?.processing == 100)
        outbox.publish(ServerStatus(condition: .loading))
        let report = try await says.report()
        #expect(report?.condition == .loading)
        #expect(report?.slots == nil)
    }

    @Test("a sample is said once per connection")
    func sampleOnce() async throws {
        let outbox = LinkOutbox(clock: AgentClock())
        outbox.publish(Self.status(sample: 1))
        for connection in 1...2 {
            var says = outbox.connect(Self.hello).makeAsyncIterator()
            _ = try await says.message()
            #expect(try await says.report()?.slots != nil)
            outbox.repeatLatest()
            #expect(try await says.message() == .heartbeat)
            outbox.publish(Self.status(sample: 1 + connection))
            #expect(try await says.slots()?.slots.processing == 1 + connection)
        }
    }

    @Test("what is repeated is a heartbeat, unless something is new")
    func heartbeat() async throws {
        let outbox = LinkOutbox(clock: AgentClock())
        var says = outbox.connect(Self.hello).makeAsyncIterator()
        _ = try await says.message()
        outbox.publish(ServerStatus(condition: .loading))
        #expect(try await says.report()?.condition == .loading)
        outbox.repeatLatest()
        #expect(try await says.message() == .heartbeat)
        outbox.drain()
        #expect(try await says.report()?.isLeaving == true)
        outbox.repeatLatest()
        #expect(try await says.message() == .heartbeat)
        outbox.publish(ServerStatus(condition: .down("refused")))
        #expect(try await says.report()?.condition == .down("refused"))
    }

    @Test("a sample alone is said without what hasn't changed; with anything else it is a report")
    func slotsAlone() async throws {
        let outbox = LinkOutbox(clock: AgentClock())
        var says = outbox.connect(Self.hello).makeAsyncIterator()
        _ = try await says.message()
        outbox.publish(Self.status(sample: 1))
        #expect(try await says.report()?.models == ["a"])
        outbox.publish(Self.status(sample: 2))
        #expect(try await says.slots()?.slots.processing == 2)
        outbox.publish(Self.status(sample: 3, models: ["b"]))
        let report = try await says.report()
        #expect(report?.models == ["b"])
        #expect(report?.slots?.processing == 3)
        outbox.publish(Self.status(sample: 4, models: ["b"]))
        #expect(try await says.slots()?.slots.processing == 4)
        outbox.repeatLatest()
        #expect(try await says.message() == .heartbeat)
    }

    @Test("leases of others that change all the time keep nothing else from being said")
    func turns() async throws {
        let outbox = LinkOutbox(clock: AgentClock())
        outbox.publish(Self.status(sample: 1))
        outbox.setOthers(1)
        var says = outbox.connect(Self.hello).makeAsyncIterator()
        _ = try await says.message()
        #expect(try await says.report() != nil)
        #expect(try await says.message() == .others(leases: 1))
        outbox.publish(Self.status(sample: 2))
        outbox.setOthers(2)
        #expect(try await says.slots()?.slots.processing == 2)
        outbox.setOthers(3)
        #expect(try await says.message() == .others(leases: 3))
        outbox.setOthers(4)
        #expect(try await says.message() == .others(leases: 4))
        outbox.setOthers(5)
        outbox.leave()
        #expect(try await says.message() == .goodbye)
    }

    @Test("after goodbye there is nothing more to say")
    func goodbye() async throws {
        let outbox = LinkOutbox(clock: AgentClock())
        outbox.publish(Self.status(sample: 1))
        var says = outbox.connect(Self.hello).makeAsyncIterator()
        _ = try await says.message()
        outbox.leave()
        #expect(try await says.message() == .goodbye)
        outbox.publish(Self.status(sample: 2))
        #expect(try await says.message() == nil)
    }

    @Test("a connection that is replaced or gone falls silent")
    func silence() async throws {
        let outbox = LinkOutbox(clock: AgentClock())
        outbox.publish(Self.status(sample: 1))
        var former = outbox.connect(Self.hello).makeAsyncIterator()
        var present = outbox.connect(Self.hello).makeAsyncIterator()
        _ = try await former.message()
        _ = try await former.message()
        #expect(try await former.message() == nil)
        _ = try await present.message()
        #expect(try await present.report() != nil)
        outbox.disconnect()
        #expect(try await present.message() == nil)
    }

    private static func status(sample number: Int, models: [String] = ["a"]) -> ServerStatus {
        ServerStatus(
            condition: .ready,
            sample: ServerStatus.Sample(
                number: number,
                total: 100,
                processing: number,
                startedAt: .zero,
                finishedAt: .zero
            ),
            models: models
        )
    }
}

extension LinkUplink.Iterator {
    fileprivate mutating func message() async throws -> AgentMessage? {
        guard let line = try await next() else { return nil }
        return try AgentMessage.decode(line: Array(line.dropLast()))
    }

    fileprivate mutating func report() async throws -> StatusReport? {
        guard case .report(let report) = try await message() else { return nil }
        return report
    }

    fileprivate mutating func slots() async throws -> SlotsReport? {
        guard case .slots(let report) = try await message() else { return nil }
        return report
    }
}
