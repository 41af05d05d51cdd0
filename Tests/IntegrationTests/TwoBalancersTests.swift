import Foundation
import Testing

@testable import FakeLlamaServer

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite("Two balancers over the same server", .serialized)
struct TwoBalancersTests {
    @Test("each sees what the other has running, and serves who waits as soon as that has ended")
    func shared() async throws {
        try await withTwoBalancers { fleet, second in
            let clients = try await fleet.balancer.occupySlots(3)
            try await eventually("the other's leases", equals: 3) { try await second.upstreams().first?.slotsOthers }
            #expect(try await second.health().slotsIdle == 1)
            let own = try await second.occupySlots(1)
            try await eventually("the other's leases", equals: 1) {
                try await fleet.balancer.upstreams().first?.slotsOthers
            }
            let waiting = try RawClient(port: second.port)
            try await waiting.send(RawClient.request("POST", "/v1/chat/completions", body: "{}"))
            try await second.waitUntilWaiting(1)
            await clients[0].close()
            #expect(try await waiting.reply().status == 200)
            for client in clients[1...] + own { await client.close() }
            for balancer in [fleet.balancer, second] { try await balancer.waitForIdleSlots(4) }
            #expect(try await fleet.servers[0].counts().requestsCompleted == 1)
        }
    }

    @Test("a killed one's leases are gone, and nothing else is")
    func killed() async throws {
        try await withTwoBalancers { fleet, second in
            _ = try await fleet.balancer.occupySlots(3)
            try await eventually("the other's leases", equals: 3) { try await second.upstreams().first?.slotsOthers }
            let stream = try await second.startUnreadStream()
            let waiting = try RawClient(port: second.port)
            try await waiting.send(RawClient.request("POST", "/v1/chat/completions", body: "{}"))
            try await second.waitUntilWaiting(1)
            fleet.balancer.process.signal(SIGKILL)
            #expect(try await waiting.reply().status == 200)
            try await eventually("the other's leases", equals: 0) { try await second.upstreams().first?.slotsOthers }
            #expect(UnreadStream.isWhole(try await stream.readToEnd(within: .seconds(60)).bytes))
            try await second.waitForIdleSlots(4)
            let counts = try await fleet.servers[0].counts()
            #expect(counts.requestsCompleted == 2 && counts.requestsCancelled == 3)
        }
    }

    @Test("clients of the other that never cease to ask notice nothing when one is killed")
    func killedUnderLoad() async throws {
        try await withTwoBalancers { fleet, second in
            _ = try await fleet.balancer.occupySlots(3)
            let result = try await SteadyLoad.run(port: second.port) { load in
                try await load.waitForMore(20)
                fleet.balancer.process.signal(SIGKILL)
                try await load.waitForMore(20)
            }
            #expect(result.failures == [])
            try await second.waitForIdleSlots(4)
        }
    }

    @Test("each expects a prompt where the other has sent it, for as long as it isn't in use")
    func prompts() async throws {
        try await withTwoBalancers { fleet, second in
            let bodies = (1...2).map { number in
                let text = String(repeating: "Tell me of server \(number) that knows what was said. ", count: 30)
                return #"{"messages":[{"role":"user","content":"\#(text)"}]}"#
            }
            for (body, one, other) in [(bodies[0], fleet.balancer, second), (bodies[1], second, fleet.balancer)] {
                let reply = try await RawClient.exchange("POST", "/v1/chat/completions", port: one.port, body: body)
                #expect(reply.status == 200)
                for balancer in [one, other] {
                    try await eventually("the prompt is expected") { try await found(body, by: balancer) > 1000 }
                }
            }
            let running = try RawClient(port: second.port)
            try await running.send(
                RawClient.request(
                    "POST",
                    "/v1/chat/completions",
                    headers: ["X-Fake-Fault": FaultKind.hangBeforeHead.rawValue],
                    body: bodies[1]
                )
            )
            try await eventually("the prompt is in use") { try await found(bodies[1], by: fleet.balancer) == 0 }
            await running.close()
        }
    }

    private func found(_ body: String, by balancer: RunningBalancer) async throws -> Int {
        struct Told: Decodable {
            struct Upstream: Decodable { let prompt_bytes_found: Int }
            let upstreams: [Upstream]
        }
        let reply = try await RawClient.exchange("POST", "/api/v1/explain", port: balancer.managementPort, body: body)
        return try JSONDecoder().decode(Told.self, from: Data(reply.body)).upstreams.first?.prompt_bytes_found ?? 0
    }

    /// One server of four slots, whose agent reports to both.
    private func withTwoBalancers(_ body: (Fleet, RunningBalancer) async throws -> Void) async throws {
        let second = try await Paddler.balancer()
        do {
            let arguments = ["--management-addr", "127.0.0.1:\(second.managementPort)"]
            try await withFleet(servers: 1, slots: 4, agentArguments: arguments) { fleet in
                try await second.waitForIdleSlots(4)
                try await body(fleet, second)
            }
            second.process.signal(SIGKILL)
            try await second.process.waitUntilExit()
        } catch {
            second.process.signal(SIGKILL)
            try await second.process.waitUntilExit()
            throw error
        }
    }
}
