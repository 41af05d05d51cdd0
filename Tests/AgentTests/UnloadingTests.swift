import AgentProtocol
import LlamaServer
import Logging
import ServiceLifecycle
import Testing

@testable import Agent

@Suite("An agent whose model is loaded and unloaded", .overEachTransport, .timeLimit(.minutes(1)))
struct UnloadingTests {
    private func withModel(
        absence: Condition? = nil,
        drainTimeout: Duration = .zero,
        _ body: (ModelKeeperStub, BalancerStub, BalancerStub.Connection, RunningAgent) async throws -> Void
    ) async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        let keeper = ModelKeeperStub(absence: absence)
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            drainTimeout: drainTimeout,
            modelKeeper: keeper,
            configure: {
                $0.host = Host(id: "h", memoryBytes: 5000)
                // A stub that is late on a busy machine isn't unresponsive.
                $0.healthInterval = .seconds(10)
            }
        ) { group in
            let connection = try #require(await balancer.welcome())
            try await body(keeper, balancer, connection, group)
        }
    }

    @Test("is registered while its model isn't loaded, with its names and what it takes")
    func unloaded() async throws {
        try await withModel(absence: .unloaded) { keeper, balancer, connection, _ in
            let hello = await balancer.message { message in
                guard case .hello(let hello) = message else { return false }
                return hello.host == Host(id: "h", memoryBytes: 5000)
            }
            #expect(hello != nil)
            let report = try #require(await balancer.report { $0.condition == .unloaded })
            #expect(report.models == ["tiny", "small"])
            #expect(report.onDemand == OnDemand(memoryBytes: 1000))
            #expect(!report.isLeaving)
            try await connection.say(.load())
            await keeper.wait(for: .wish(.load))
            keeper.change { model, absence in
                model.generation = 1
                absence = nil
            }
            let ready = try #require(await balancer.report { $0.condition == .ready && $0.slots != nil })
            #expect(ready.models == ["tiny", "small"])
        }
    }

    @Test("says that it leaves, waits until nothing runs, and is back when its model is unloaded")
    func unloads() async throws {
        try await withModel { keeper, balancer, connection, _ in
            #expect(await balancer.report { $0.slots != nil }?.isLeaving == false)
            for generation in 1...2 {
                try await connection.say(.unload())
                await keeper.wait(for: .wish(.unload))
                keeper.change { model, _ in model.isDraining = true }
                #expect(await balancer.report { $0.isLeaving }?.condition == .ready)
                for _ in 0..<3 { #expect(await balancer.message { $0 == .heartbeat } != nil) }
                try await connection.say(.drained)
                await keeper.wait(for: .drained)
                keeper.change { model, absence in
                    model.isDraining = false
                    model.generation = generation * 2 - 1
                    absence = .unloaded
                }
                // It never says that it stays while it could still be taken for loaded.
                #expect(await balancer.report { !$0.isLeaving }?.condition == .unloaded)
                keeper.change { model, absence in
                    model.generation = generation * 2
                    absence = nil
                }
                #expect(await balancer.report { $0.condition == .ready }?.isLeaving == false)
            }
        }
    }

    @Test("doesn't say that it stays before it is known, and has been said, what is there now")
    func lateAnswer() async throws {
        let (stub, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        let keeper = ModelKeeperStub(absence: nil)
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            modelKeeper: keeper,
            configure: { $0.healthInterval = .seconds(2) }
        ) { _ in
            _ = try #require(await balancer.welcome())
            #expect(await balancer.report { $0.slots != nil } != nil)
            // From now on a question is under way to the server that is about to end.
            stub.change { $0.isHanging = true }
            keeper.change { model, _ in model.isDraining = true }
            #expect(await balancer.report { $0.isLeaving } != nil)
            keeper.change { model, absence in
                model.isDraining = false
                model.generation = 1
                absence = .unloaded
            }
            #expect(await balancer.report { !$0.isLeaving }?.condition == .unloaded)
        }
    }

    @Test("is back with its server as it was when its model is kept after all, and looks at it anew")
    func kept() async throws {
        try await withModel { keeper, balancer, connection, _ in
            #expect(await balancer.report { $0.slots != nil } != nil)
            keeper.change { model, _ in model.isDraining = true }
            #expect(await balancer.report { $0.isLeaving } != nil)
            keeper.change { model, _ in model.isDraining = false }
            #expect(await balancer.report { !$0.isLeaving }?.condition == .ready)
            // A balancer that says so of the time before is late.
            try await connection.say(.drained)
            try await connection.say(.poll)
            await keeper.wait(for: .used)
            #expect(await balancer.report { $0.slots != nil } != nil)
        }
    }

    @Test("says goodbye when it is told to stop meanwhile, though its model is unloaded then")
    func stopped() async throws {
        try await withModel(drainTimeout: .seconds(3600)) { keeper, balancer, connection, group in
            #expect(await balancer.report { $0.slots != nil } != nil)
            keeper.change { model, _ in model.isDraining = true }
            #expect(await balancer.report { $0.isLeaving } != nil)
            await group.triggerGracefulShutdown()
            keeper.change { model, absence in
                model.isDraining = false
                model.generation = 1
                absence = .unloaded
            }
            #expect(await balancer.message { $0 == .goodbye } != nil)
        }
    }
}
