import Foundation
import Testing

@testable import FakeLlamaServer

/// Who waits, for what, for how long, and what is said to those who wait in vain.
@Suite("The queue of a running balancer", .serialized)
struct QueueTests {
    private static let path = "/v1/chat/completions"

    @Test("a slot that becomes free goes to the request that waited longest")
    func order() async throws {
        let arguments = ["--timestamps", "--tokens", "3", "--token-delay", "1ms"]
        try await withFleet(serverArguments: arguments) { fleet in
            let holders = try await fleet.balancer.occupySlots(4)
            var waiting: [RawClient] = []
            for number in 1...6 {
                let client = try fleet.connect()
                try await client.send(RawClient.request("POST", Self.path, body: #"{"stream":true}"#))
                waiting.append(client)
                try await fleet.balancer.waitUntilWaiting(number)
            }
            // One slot serves them all, one after the other, by one server's clock.
            await holders[0].close()
            var starts: [UInt64] = []
            for client in waiting {
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect(reply.endedCleanly)
                #expect(reply.events.last == "[DONE]")
                starts.append(try #require(reply.events.first.flatMap(Self.time)))
            }
            #expect(starts == starts.sorted())
            for holder in holders { await holder.close() }
            try await fleet.waitUntilAtRest()
            for server in fleet.servers { #expect(try await server.counts().deferredMax == 0) }
        }
    }

    @Test("of ten streams on two servers with two slots none waits in a server")
    func tenStreams() async throws {
        try await withFleet(serverArguments: ["--tokens", "20", "--token-delay", "10ms"]) { fleet in
            var clients: [RawClient] = []
            for _ in 0..<10 {
                let client = try fleet.connect()
                try await client.send(RawClient.request("POST", Self.path, body: #"{"stream":true}"#))
                clients.append(client)
            }
            for client in clients {
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect(reply.endedCleanly)
                // Each token, the last one's event, and [DONE].
                #expect(reply.events.count == 22)
            }
            try await fleet.waitUntilAtRest()
            var completed = 0
            for server in fleet.servers {
                let counts = try await server.counts()
                completed += counts.requestsCompleted
                #expect(counts.deferredMax == 0)
                #expect(counts.runningMax <= 2)
                #expect(counts.requestsReceived == counts.requestsCompleted)
            }
            #expect(completed == 10)
        }
    }

    @Test("a request waits for the first server of all")
    func fromZero() async throws {
        try await withFleet(servers: 0) { fleet in
            let client = try fleet.connect()
            try await client.send(RawClient.request("POST", Self.path, body: "{}"))
            try await fleet.balancer.waitUntilWaiting(1)
            try await withFakeServer(arguments: ["--token-delay", "0ms"]) { server in
                let agent = try Paddler.agent(
                    name: "first",
                    watching: server.port,
                    reportingTo: [fleet.balancer.managementPort]
                )
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect(reply.endedCleanly)
                try await agent.kill()
            }
        }
    }

    // MARK: - In vain

    @Test("who waited too long for any server is told that there was none")
    func noServerInTime() async throws {
        try await withFleet(servers: 0, balancerArguments: ["--buffered-request-timeout", "500ms"]) { fleet in
            let reply = try await fleet.exchange(body: "{}")
            let failure = try #require(reply.failure)
            #expect(reply.status == 504)
            #expect(reply.endedCleanly)
            #expect(failure.code == 504)
            #expect(failure.type == "timeout_error")
            #expect(failure.message.hasPrefix("no llama.cpp server that serves this request has registered within "))
            try await fleet.balancer.waitUntilWaiting(0)
        }
    }

    @Test("who waited too long for a slot is told that all were busy")
    func busyForTooLong() async throws {
        try await withFleet(servers: 1, balancerArguments: ["--buffered-request-timeout", "500ms"]) { fleet in
            let holders = try await fleet.balancer.occupySlots(2)
            try await Self.eventuallyTold(504, by: fleet) {
                $0.hasPrefix("all 2 slots on 1 server stayed busy for ")
            }
            for holder in holders { await holder.close() }
            try await fleet.waitUntilAtRest()
            #expect(try await fleet.servers[0].counts().requestsReceived == 2)
        }
    }

    @Test("who waited too long for servers that load is told that none was ready")
    func notReadyInTime() async throws {
        try await withFleet(slots: 1, balancerArguments: ["--buffered-request-timeout", "500ms"]) { fleet in
            for server in fleet.servers { try await server.fault(.loading) }
            try await fleet.balancer.waitForIdleSlots(0)
            try await Self.eventuallyTold(504, by: fleet) {
                $0.hasPrefix("none of the 2 servers became ready within ")
            }
            for server in fleet.servers { #expect(try await server.counts().requestsReceived == 0) }
        }
    }

    @Test("who finds the queue full is told so and when to come back")
    func full() async throws {
        try await withFleet(servers: 1, balancerArguments: ["--max-buffered-requests", "5"]) { fleet in
            let holders = try await fleet.balancer.occupySlots(2)
            var waiting: [RawClient] = []
            for number in 1...5 {
                let client = try fleet.connect()
                try await client.send(
                    RawClient.request("POST", Self.path, headers: ["X-Fake-Token-Delay-Ms": "0"], body: "{}")
                )
                waiting.append(client)
                try await fleet.balancer.waitUntilWaiting(number)
            }
            let refusal = try await Self.eventuallyTold(429, by: fleet) {
                $0 == "all 2 slots on 1 server are busy, and all 5 places in the queue are taken"
            }
            #expect(refusal["Retry-After"] == "1")
            #expect(refusal.failure?.type == "rate_limit_error")
            #expect(try await fleet.balancer.waiting() == 5)
            for holder in holders { await holder.close() }
            for client in waiting { #expect(try await client.reply().status == 200) }
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("with no queue at all a request finds a slot or is refused")
    func noQueue() async throws {
        try await withFleet(servers: 1, slots: 1, balancerArguments: ["--max-buffered-requests", "0"]) { fleet in
            let holders = try await fleet.balancer.occupySlots(1)
            let refusal = try await Self.eventuallyTold(429, by: fleet) {
                $0.hasSuffix(" busy, and this balancer holds no queue")
            }
            #expect(refusal["Retry-After"] == "1")
            for holder in holders { await holder.close() }
            try await eventually("status", equals: 200) {
                try await fleet.exchange(headers: ["X-Fake-Token-Delay-Ms": "0"], body: "{}").status
            }
        }
    }

    // MARK: - Leaving

    @Test("who leaves the queue is never sent to a server, and those behind move up")
    func leaving() async throws {
        try await withFleet(servers: 1, slots: 1, serverArguments: ["--token-delay", "0ms"]) { fleet in
            let holders = try await fleet.balancer.occupySlots(1)
            var waiting: [RawClient] = []
            for number in 1...4 {
                let client = try fleet.connect()
                try await client.send(RawClient.request("POST", Self.path, body: "{}"))
                waiting.append(client)
                try await fleet.balancer.waitUntilWaiting(number)
            }
            await waiting[0].close()
            try await fleet.balancer.waitUntilWaiting(3)
            await waiting[2].abort()
            try await fleet.balancer.waitUntilWaiting(2)
            await holders[0].close()
            #expect(try await waiting[1].reply().status == 200)
            #expect(try await waiting[3].reply().status == 200)
            try await fleet.waitUntilAtRest()
            let counts = try await fleet.servers[0].counts()
            #expect(counts.requestsReceived == 3)
            #expect(counts.requestsCompleted == 2)
            #expect(counts.requestsCancelled == 1)
        }
    }

    // MARK: -

    /// Asks until the refusal is worded like this: an overloaded machine can make a server look gone for a moment.
    @discardableResult
    private static func eventuallyTold(
        _ status: Int,
        by fleet: Fleet,
        _ isExpected: (String) -> Bool
    ) async throws -> HTTPReply {
        let reply = try await eventually("the refusal") {
            try await fleet.exchange(body: "{}")
        } satisfies: { reply in
            reply.status == status && isExpected(reply.failure?.message ?? "")
        }
        #expect(reply.endedCleanly)
        #expect(reply.failure?.code == status)
        return reply
    }

    static func time(of event: String) -> UInt64? {
        struct Timed: Decodable { let t_ns: UInt64 }
        return (try? JSONDecoder().decode(Timed.self, from: Data(event.utf8)))?.t_ns
    }
}
