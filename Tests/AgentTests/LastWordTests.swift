import AgentProtocol
import LlamaServer
import Testing

@testable import Agent
@testable import AgentRules
@testable import NIOAgent

@Suite("The last word to an old balancer", .timeLimit(.minutes(1)))
struct LastWordTests {
    @Test("0.10: it is the latest, also when that came just before the agent leaves")
    func latest() async throws {
        let clock = AgentClock()
        let outbox = LinkOutbox(clock: clock)
        outbox.publish(Self.status(sample: 1, processing: 1))
        let balancer = try await WireStub.start { heard in
            guard heard.hasSuffix(#""paddler_agent_name":""}"#) else { return nil }
            if !outbox.isLeaving {
                outbox.publish(Self.status(sample: 2, processing: 0))
                outbox.leave()
            }
            return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        }
        let (_, feed) = AsyncStream.makeStream(of: WatchLoop.Event.self)
        let conversation = Version010Conversation(
            balancer: BalancerEndpoint(
                address: balancer.address,
                usesTLS: false,
                token: nil
            ),
            transport: NIOTransport(),
            agent: AgentIdentity(
                id: "0192-a",
                name: nil,
                external: NetworkAddress(host: "192.0.2.1", port: 8088),
                externalUsesTLS: false
            ),
            heartbeatInterval: .seconds(1),
            outbox: outbox,
            demand: PollDemand(feed: feed),
            clock: clock
        )
        #expect(await conversation.converse { _ in }.reason == "goodbye")
        _ = try await balancer.read(until: #"{"slots_idle":3,"slots_processing":1,"status":""}"#)
        _ = try await balancer.read(until: #"{"slots_idle":0,"slots_processing":0,"status":""}"#)
    }

    private static func status(sample number: Int, processing: Int) -> ServerStatus {
        ServerStatus(
            condition: .ready,
            sample: ServerStatus.Sample(
                number: number,
                total: 4,
                processing: processing,
                startedAt: .zero,
                finishedAt: .zero
            )
        )
    }
}
