import AccessControl
import AgentProtocol
import FleetMetrics
import LlamaServer
import Testing

@testable import Management

@Suite("A flood of connections", .timeLimit(.minutes(1)))
struct FloodTests {
    @Test("unfinished heads keep out neither probes nor operators nor agents")
    func unfinishedHeads() async throws {
        let tokens = KeyRing(KeySet(["token"]), isClosed: true)
        let harness = ManagementHarness(tokens: tokens, maximumConnections: 64)
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1", token: "token")
            try agent.say(Messages.hello())
            _ = try await agent.hear()
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<200 {
                    group.addTask {
                        try? await RawConnection.with(client.address) { connection in
                            try await connection.say("POST /x HTTP/1.1\r\nHost: x\r\nX: ")
                            arrival.yield()
                            _ = try await connection.hearToTheEnd()
                        }
                        arrival.yield()
                    }
                }
                var iterator = arrivals.makeAsyncIterator()
                for _ in 0..<200 { _ = await iterator.next() }
                #expect(try await client.send("GET", "/health").status == 200)
                let headers = ["authorization": "Bearer token"]
                #expect(try await client.send("GET", "/api/v1/agents", headers: headers).status == 200)
                var another = try await client.connect(id: "a-2", token: "token")
                try another.say(Messages.hello(address: NetworkAddress(host: "127.0.0.1", port: 9)))
                #expect(try await another.hear() == .welcome(balancerVersion: "9.9.9"))
                another.finish()
                group.cancelAll()
            }
            // It is still there.
            try agent.say(Messages.report())
            _ = await harness.fleet.nextEvent()
            agent.finish()
        }
        #expect((harness.refusals.counts[.connection] ?? 0) > 100)
    }
}
