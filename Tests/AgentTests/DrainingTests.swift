import AgentProtocol
import ServiceLifecycle
import Testing

@testable import Agent

@Suite("An agent that is told to stop", .overEachTransport, .timeLimit(.minutes(1)))
struct DrainingTests {
    /// `body` gets an agent that is connected, knows its slots, and is then told to stop.
    private func withStoppedAgent(
        drainTimeout: Duration = .seconds(3600),
        _ body: (BalancerStub, BalancerStub.Connection) async throws -> Void
    ) async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            drainTimeout: drainTimeout
        ) { group in
            let connection = try #require(await balancer.welcome())
            #expect(await balancer.report { $0.slots != nil }?.isLeaving == false)
            await group.triggerGracefulShutdown()
            try await body(balancer, connection)
        }
    }

    @Test("says that it leaves, waits until nothing runs any more, and says goodbye")
    func drains() async throws {
        try await withStoppedAgent { balancer, connection in
            #expect(await balancer.report { $0.isLeaving } != nil)
            // And is still there, as long as it lasts.
            for _ in 0..<3 { #expect(await balancer.message { $0 == .heartbeat } != nil) }
            try await connection.say(.drained)
            #expect(await balancer.message { $0 == .goodbye } != nil)
        }
    }

    @Test("says so over a new connection, too, when the old one breaks meanwhile")
    func reconnects() async throws {
        try await withStoppedAgent { balancer, first in
            #expect(await balancer.report { $0.isLeaving } != nil)
            try await first.close()
            let second = try #require(await balancer.welcome())
            #expect(await balancer.report { $0.isLeaving } != nil)
            try await second.say(.drained)
            #expect(await balancer.message { $0 == .goodbye } != nil)
        }
    }

    @Test("leaves when its time is over, whatever still runs")
    func timeout() async throws {
        try await withStoppedAgent(drainTimeout: .milliseconds(200)) { balancer, _ in
            #expect(await balancer.message { $0 == .goodbye } != nil)
        }
    }

    @Test("waits for nobody who isn't connected")
    func nobody() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (_, silent) = try await LlamaStub.start(LlamaStub.State(isHanging: true))
        try await withAgent(
            watching: llama.address,
            reportingTo: silent.address,
            drainTimeout: .seconds(3600)
        ) { _ in }
    }
}

@Suite("A latch")
struct LatchTests {
    @Test("lets everybody pass who waits or comes later")
    func opens() async {
        let latch = Latch()
        await withDiscardingTaskGroup { group in
            for _ in 0..<10 { group.addTask { await latch.wait() } }
            latch.open()
            latch.open()
        }
        await latch.wait()
        #expect(latch.isOpen)
    }

    @Test("lets pass who doesn't want to wait any longer")
    func gives() async {
        let latch = Latch()
        await latch.wait(atMost: .milliseconds(1))
        let task = Task { await latch.wait() }
        task.cancel()
        await task.value
        #expect(!latch.isOpen)
    }
}
