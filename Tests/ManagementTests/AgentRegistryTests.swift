import AgentProtocol
import LlamaServer
import Scheduling
import Testing

@testable import Management

struct AgentRegistryTests {
    private let fleet = RecordingFleet()
    private let messages = AgentMessages()
    private let agent = AgentID(rawValue: "a")

    private var report: UpstreamReport {
        UpstreamReport(
            agent: agent,
            route: UpstreamRoute(address: Messages.address),
            condition: .ready,
            maximumSilence: .seconds(7)
        )
    }

    @Test("an agent leaves once, however often its connection ends")
    func leavesOnce() async {
        let registry = AgentRegistry(fleet: fleet, messages: messages)
        let number = await registry.register(agent, outbox: AgentOutbox())
        #expect(await registry.report(report, from: number) == .speaks)
        #expect(await registry.leave(agent, .goodbye, number: number))
        #expect(await !registry.leave(agent, .goodbye, number: number))
        #expect(fleet.events == [.reported(report), .left(agent)])
    }

    @Test("the end of an older connection leaves the newer one's agent alone")
    func olderEnds() async throws {
        let registry = AgentRegistry(fleet: fleet, messages: messages)
        let olderOutbox = AgentOutbox()
        let older = await registry.register(agent, outbox: olderOutbox)
        let newer = await registry.register(agent, outbox: AgentOutbox())
        // The older one is told to end: this returns only because it is.
        try await olderOutbox.forEachMessage { _ in }
        #expect(await registry.report(report, from: older) == nil)
        #expect(fleet.events.isEmpty)
        #expect(await registry.report(report, from: newer) == .speaks)
        #expect(await !registry.leave(agent, .goodbye, number: older))
        #expect(fleet.events == [.reported(report)])
    }

    @Test("a demand reaches the connection that speaks for the agent now")
    func demand() async throws {
        let registry = AgentRegistry(fleet: fleet, messages: messages)
        let outbox = AgentOutbox()
        let number = await registry.register(agent, outbox: outbox)
        messages.demandPoll(agent)
        messages.demandPoll(AgentID(rawValue: "unknown"))
        var heard: [BalancerMessage] = []
        try await outbox.forEachMessage { message in
            heard.append(message)
            await registry.leave(agent, .goodbye, number: number)
            messages.demandPoll(agent)
            outbox.end()
        }
        #expect(heard == [.poll])
    }
}
