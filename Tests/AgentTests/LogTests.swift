import AgentProtocol
import LlamaServer
import Testing

@testable import Agent

@Suite("An agent that is asked for its server's log", .overEachTransport, .timeLimit(.minutes(1)))
struct LogTests {
    private let log = ServerLogStub()

    private func withAsked(_ body: (BalancerStub, BalancerStub.Connection) async throws -> Void) async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            modelKeeper: ModelKeeperStub(absence: .unloaded, log: log),
            configure: { $0.host = Host(id: "h", memoryBytes: 5000) }
        ) { _ in
            let connection = try #require(await balancer.welcome())
            try await body(balancer, connection)
        }
    }

    private func answer(_ balancer: BalancerStub) async throws -> LogAnswer {
        let message = await balancer.message { if case .log = $0 { true } else { false } }
        guard case .log(let answer)? = message else { throw NoAnswer() }
        return answer
    }

    private struct NoAnswer: Error {}

    @Test("says that it can, tells the last lines, and then each one that comes, as often as it is asked")
    func follows() async throws {
        log.print("one")
        log.print("two")
        try await withAsked { balancer, connection in
            let hello = await balancer.message {
                if case .hello(let hello) = $0 { hello.tellsLog == true } else { false }
            }
            #expect(hello != nil)
            try await connection.say(.log(LogQuestion(number: 7, lines: 1)))
            #expect(try await answer(balancer) == LogAnswer(number: 7, lines: ["two"], last: 2))
            try await connection.say(.log(LogQuestion(number: 7, after: 2, waits: true)))
            // It reports meanwhile.
            #expect(await balancer.message { $0 == .heartbeat } != nil)
            log.print("three")
            #expect(try await answer(balancer) == LogAnswer(number: 7, lines: ["three"], last: 3))
            // Nobody has asked for this one yet.
            log.print("four")
            #expect(await balancer.message { $0 == .heartbeat } != nil)
            try await connection.say(.log(LogQuestion(number: 7, after: 3, waits: true)))
            #expect(try await answer(balancer) == LogAnswer(number: 7, lines: ["four"], last: 4))
        }
    }

    @Test("says nothing to who doesn't wait any more, and to others what they wait for")
    func ends() async throws {
        try await withAsked { balancer, connection in
            try await connection.say(.log(LogQuestion(number: 1, after: 0, waits: true)))
            try await connection.say(.log(LogQuestion(number: 2, after: 0, waits: true)))
            try await connection.say(.endLog(number: 1))
            // Its answer comes behind what was said before.
            try await connection.say(.log(LogQuestion(number: 3)))
            #expect(try await answer(balancer).number == 3)
            log.print("one")
            #expect(try await answer(balancer).number == 2)
            try await connection.say(.log(LogQuestion(number: 4)))
            #expect(try await answer(balancer).number == 4)
        }
    }

    @Test("says that it can't when somebody else runs the server")
    func notItsOwn() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address) { _ in
            let connection = try #require(await balancer.welcome())
            // Of a balancer that asks all the same.
            try await connection.say(.log(LogQuestion(number: 1)))
            let hello = await balancer.message {
                if case .hello(let hello) = $0 { hello.tellsLog == false } else { false }
            }
            #expect(hello != nil)
            #expect(await balancer.report { $0.slots != nil } != nil)
        }
    }
}
