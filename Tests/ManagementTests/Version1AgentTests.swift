import AgentProtocol
import LlamaServer
import Scheduling
import Testing

@testable import Management

@Suite("Agents of version 1.x", .timeLimit(.minutes(1)))
struct Version1AgentTests {
    private typealias Recorded = RecordedAgents.Version12

    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }
    private let agent = AgentID(rawValue: RecordedAgents.Version12.id)

    private func nextReport() async throws -> UpstreamReport {
        guard case .reported(let report) = await fleet.nextEvent() else { throw Unexpected() }
        return report
    }

    @Test(
        "an upstream is registered, updated, fails, comes back, and is gone with its connection",
        arguments: [
            (Recorded.path, Recorded.ready(idle: 3, processing: 1), Recorded.ready(idle: 0, processing: 4)),
            (
                RecordedAgents.July2025.path, RecordedAgents.July2025.ready(idle: 3, processing: 1),
                RecordedAgents.July2025.ready(idle: 0, processing: 4)
            ),
        ]
    )
    func life(path: String, first: String, second: String) async throws {
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(Recorded.head(path: path) + Recorded.chunk(first))
                let report = try await nextReport()
                #expect(report.agent == agent)
                #expect(report.name == "gpu-1")
                #expect(report.address.description == "127.0.0.1:8088")
                #expect(report.slots?.total == 4)
                #expect(fleet.snapshot().upstreams.first?.slotsIdle == 3)

                fleet.advance(by: .seconds(10))
                try await connection.say(Recorded.chunk(second))
                _ = try await nextReport()
                #expect(fleet.snapshot().upstreams.first?.slotsIdle == 0)

                fleet.advance(by: .seconds(10))
                try await connection.say(Recorded.chunk(Recorded.down))
                _ = try await nextReport()
                #expect(fleet.snapshot().upstreams.first?.isUsable == false)

                fleet.advance(by: .seconds(10))
                try await connection.say(Recorded.chunk(first))
                _ = try await nextReport()
                #expect(fleet.snapshot().upstreams.first?.isUsable == true)

                // A long time between two reports is no reason to go.
                fleet.advance(by: .seconds(59))
                #expect(fleet.snapshot().upstreams.first?.isUsable == true)
            }
            #expect(await fleet.nextEvent() == .left(agent))
            #expect(fleet.snapshot().upstreams.isEmpty)
        }
    }

    @Test("an agent that ends its body is answered 202, and is gone")
    func end() async throws {
        try await harness.run { client in
            let answer = try await RawConnection.with(client.address) { connection in
                try await connection.say(
                    Recorded.head() + Recorded.chunk(Recorded.ready(idle: 1, processing: 0)) + Recorded.end
                )
                return try await connection.hear(to: "\r\n\r\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 202 Accepted\r\n"))
        }
        #expect(fleet.events.last == .left(agent))
        #expect(fleet.events.count == 2)
    }

    @Test("it doesn't matter where a message is cut into two chunks, nor where two become one")
    func everySplit() async throws {
        try await harness.run { client in
            let message = Recorded.ready(idle: 3, processing: 1)
            for position in message.indices {
                fleet.advance(by: .seconds(1))
                try await RawConnection.with(client.address) { connection in
                    try await connection.say(Recorded.head() + Recorded.chunk(String(message[..<position])))
                    try await connection.say(Recorded.chunk(String(message[position...]) + message))
                    #expect(try await nextReport().slots?.processing == 1)
                    #expect(try await nextReport().slots?.processing == 1)
                }
                #expect(await fleet.nextEvent() == .left(agent))
            }
        }
    }

    @Test(
        "what makes no sense is answered 400 and ends the connection, and with it what it had registered",
        arguments: [
            "{}", "[]", "null", "hello", #"{"agent_name":"x"}"#,
            #"{"external_llamacpp_addr":"nowhere","slots_idle":1,"slots_processing":0,"is_authorized":true}"#,
            #"{"external_llamacpp_addr":"a:1","slots_idle":-1,"slots_processing":0,"is_authorized":true}"#,
            #"{"external_llamacpp_addr":"a:1","slots_idle":65536,"slots_processing":1,"is_authorized":true}"#,
        ]
    )
    func nonsense(text: String) async throws {
        try await harness.run { client in
            let strange = try await RawConnection.with(client.address) { connection in
                try await connection.say(Recorded.head() + Recorded.chunk(text))
                return try await connection.hearToTheEnd()
            }
            #expect(strange.hasPrefix("HTTP/1.1 400 "))
            #expect(fleet.events.isEmpty)

            let known = try await RawConnection.with(client.address) { connection in
                try await connection.say(Recorded.head() + Recorded.chunk(Recorded.ready(idle: 1, processing: 0)))
                _ = try await nextReport()
                try await connection.say(Recorded.chunk(text))
                return try await connection.hearToTheEnd()
            }
            #expect(known.contains(#"{"error":{"code":400,"#))
            #expect(await fleet.nextEvent() == .left(agent))
        }
        #expect(fleet.events.count == 2)
    }

    @Test("a message without end is refused")
    func endless() async throws {
        try await harness.run { client in
            let answer = try await RawConnection.with(client.address) { connection in
                let brace = String(repeating: "{", count: JSONObjectSplitter.maximumObjectBytes + 1)
                try await connection.say(Recorded.head() + Recorded.chunk(brace))
                return try await connection.hearToTheEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
        }
        #expect(fleet.events.isEmpty)
    }

    @Test("a newer connection of the same agent takes over, and the end of the older one changes nothing")
    func takeover() async throws {
        try await harness.run { client in
            let message = Recorded.chunk(Recorded.ready(idle: 4, processing: 0))
            try await RawConnection.with(client.address) { older in
                try await older.say(Recorded.head() + message)
                _ = try await nextReport()
                fleet.advance(by: .seconds(1))
                try await RawConnection.with(client.address) { newer in
                    try await newer.say(Recorded.head() + message)
                    _ = try await nextReport()
                }
                // Its newer connection has ended by now, and that counts.
                #expect(await fleet.nextEvent() == .left(agent))
                #expect(try await older.hearToTheEnd().hasPrefix("HTTP/1.1 503 "))
            }
        }
        #expect(fleet.events.count == 3)
    }

    @Test("ids that nobody would give themselves are refused")
    func badID() async throws {
        try await harness.run { client in
            let reply = try await client.send("POST", "/status_update/a%2Fb", body: "")
            #expect(reply.status == 400)
        }
    }

    private struct Unexpected: Error {}
}
