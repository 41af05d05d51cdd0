import AgentProtocol
import Testing

@testable import Management

struct AgentOutboxTests {
    private func everything(in outbox: AgentOutbox) async throws -> [BalancerMessage] {
        var messages: [BalancerMessage] = []
        try await outbox.forEachMessage { messages.append($0) }
        return messages
    }

    @Test("demands that nobody has read yet are one demand")
    func coalesced() async throws {
        let outbox = AgentOutbox()
        for _ in 0..<100 { outbox.demandPoll() }
        var messages: [BalancerMessage] = []
        try await outbox.forEachMessage { message in
            messages.append(message)
            outbox.end()
        }
        #expect(messages == [.poll])
    }

    @Test("the number of leases is said when it has changed, as it is then")
    func leases() async throws {
        let outbox = AgentOutbox()
        var counts = [3, 3, 5]
        for _ in 0..<100 { outbox.leasesChanged() }
        outbox.demandPoll()
        var messages: [BalancerMessage] = []
        try await outbox.forEachMessage {
            if counts.count == 2 { outbox.leasesChanged() }
            return counts.removeFirst()
        } _: { message in
            messages.append(message)
            if message == .poll { outbox.leasesChanged() }
            if message == .leases(count: 5) { outbox.end() }
        }
        #expect(messages == [.leases(count: 3), .poll, .leases(count: 5)])
    }

    @Test("leases that change all the time keep nothing else from being said")
    func turns() async throws {
        let outbox = AgentOutbox()
        var count = 0
        outbox.leasesChanged()
        outbox.demandPoll()
        var messages: [BalancerMessage] = []
        try await outbox.forEachMessage {
            outbox.leasesChanged()
            count += 1
            return count
        } _: { message in
            messages.append(message)
            if messages.count == 3 { outbox.end() }
        }
        #expect(messages == [.leases(count: 1), .poll, .leases(count: 2)])
    }

    @Test("the welcome comes first, the farewell last, and nothing after it")
    func order() async throws {
        let outbox = AgentOutbox()
        outbox.demandPoll()
        outbox.welcome(.welcome(balancerVersion: "1"))
        outbox.end(saying: .refused(reason: "because"))
        outbox.end(saying: .refused(reason: "another"))
        outbox.demandPoll()
        #expect(try await everything(in: outbox) == [.welcome(balancerVersion: "1"), .refused(reason: "because")])
    }
}
