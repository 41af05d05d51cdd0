import AgentProtocol
import LlamaServer
import Scheduling
import Testing

@testable import Management

@Suite("Agents of version 0.10", .timeLimit(.minutes(1)))
struct Version010AgentTests {
    private typealias Recorded = RecordedAgents.Version010

    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }

    private func post(_ request: String, to client: TestClient) async throws -> String {
        try await RawConnection.with(client.address) { connection in
            try await connection.say(request)
            let head = try await connection.hear(to: "\r\n\r\n")
            return head + (try await connection.hear(to: "}"))
        }
    }

    private var upstream: UpstreamSnapshot? {
        fleet.snapshot().upstreams.first
    }

    @Test("an upstream is registered, updated, fails, comes back, falls silent and speaks again")
    func life() async throws {
        try await harness.run { client in
            let answer = try await post(Recorded.ready(idle: 3, processing: 1), to: client)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("application/json"))
            #expect(answer.hasSuffix(#"{"status":"ok"}"#))
            let registered = try #require(upstream)
            #expect(registered.agent == AgentID(rawValue: Recorded.id))
            #expect(registered.name == "gpu-1")
            #expect(registered.address.description == "127.0.0.1:8088")
            #expect(registered.isUsable)
            #expect(registered.slotsIdle == 3)
            #expect(registered.slotsForeign == 1)

            fleet.advance(by: .seconds(1))
            _ = try await post(Recorded.ready(idle: 0, processing: 4), to: client)
            #expect(upstream?.slotsIdle == 0)

            fleet.advance(by: .seconds(1))
            _ = try await post(Recorded.failing("dial tcp 127.0.0.1:8088: connect: connection refused"), to: client)
            #expect(upstream?.condition.isDown == true)
            #expect(upstream?.isUsable == false)

            fleet.advance(by: .seconds(1))
            _ = try await post(Recorded.ready(idle: 4, processing: 0), to: client)
            #expect(upstream?.slotsIdle == 4)
            #expect(upstream?.isUsable == true)

            fleet.advance(by: .milliseconds(2999))
            #expect(upstream?.isUsable == true)
            fleet.advance(by: .milliseconds(2))
            #expect(upstream == nil)
            #expect(fleet.snapshot().lost.map(\.name) == ["gpu-1"])

            _ = try await post(Recorded.ready(idle: 4, processing: 0), to: client)
            #expect(upstream?.isUsable == true)
            #expect(fleet.snapshot().lostCount == 0)
        }
    }

    @Test("one that claims another's server is answered 409 in words until that one is gone")
    func claims() async throws {
        try await harness.run { client in
            var first = try await client.connect(id: "first")
            try first.say(Messages.hello())
            _ = try await first.hear()
            try first.say(Messages.report())
            guard case .reported = await fleet.nextEvent() else { throw Unexpected() }
            let refused = try await post(Recorded.ready(idle: 4, processing: 0), to: client)
            #expect(refused.hasPrefix("HTTP/1.1 409 "))
            #expect(refused.contains("another agent"))
            try first.say(.goodbye)
            guard case .reported = await fleet.nextEvent() else { throw Unexpected() }
            #expect(await fleet.nextEvent() == .left(AgentID(rawValue: "first")))
            first.finish()
            let taken = try await post(Recorded.ready(idle: 4, processing: 0), to: client)
            #expect(taken.hasPrefix("HTTP/1.1 200 "))
        }
    }

    private struct Unexpected: Error {}

    @Test("one that says that its server has no slots has left, until it says otherwise")
    func leaving() async throws {
        try await harness.run { client in
            _ = try await post(Recorded.ready(idle: 3, processing: 1), to: client)
            fleet.advance(by: .seconds(1))
            // Told to stop, it offers nothing and has something left to do.
            _ = try await post(Recorded.ready(idle: 0, processing: 1), to: client)
            #expect(upstream?.slotsIdle == 0)
            for _ in 0..<2 {
                fleet.advance(by: .seconds(1))
                _ = try await post(Recorded.ready(idle: 0, processing: 0), to: client)
                #expect(upstream == nil)
            }
            _ = try await post(Recorded.ready(idle: 4, processing: 0), to: client)
            #expect(upstream?.slotsIdle == 4)
        }
    }

    @Test("it doesn't matter where what it sends is cut in two")
    func everySplit() async throws {
        try await harness.run { client in
            let request = Recorded.ready(idle: 3, processing: 1)
            for position in request.indices.dropFirst() {
                fleet.advance(by: .seconds(1))
                try await RawConnection.with(client.address) { connection in
                    try await connection.say(String(request[..<position]))
                    try await connection.say(String(request[position...]))
                    _ = try await connection.hear(to: #"{"status":"ok"}"#)
                }
            }
            #expect(fleet.events.count == request.count - 1)
            #expect(upstream?.slotsIdle == 3)
        }
    }

    @Test(
        "what makes no sense is answered 400 and changes nothing",
        arguments: [
            "{}", "", "null", "{", #"{"llama_cpp_target_configuration":{}}"#,
            #"{"llama_cpp_slots_aggregated_status":{"slots_idle":1,"slots_processing":0}}"#,
            body(idle: "-1"), body(idle: "1e30"), body(idle: "65537"), body(host: "a b"), body(host: ""),
            body(port: "0"), body(port: "65536"), body(scheme: "ftp"), body(id: ""), body(id: "a/b"),
            body(id: String(repeating: "a", count: 129)), body(name: String(repeating: "n", count: 1025)),
        ]
    )
    func nonsense(body: String) async throws {
        try await harness.run { client in
            let reply = try await client.send("POST", "/register/target", body: body)
            #expect(reply.status == 400)
            #expect(reply.body.hasPrefix(#"{"error":{"code":400,"#))
        }
        #expect(fleet.events.isEmpty)
        #expect(fleet.recentEvents().map(\.kind.name).allSatisfy { $0 == "refused" })
    }

    @Test("a body that is too large is refused, announced or not")
    func tooLarge() async throws {
        try await harness.run { client in
            let large = String(repeating: " ", count: TargetRegistration.maximumBytes + 1)
            let announced = try await client.send("POST", "/register/target", body: large)
            #expect(announced.status == 413)
            let chunked =
                "POST /register/target HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + RecordedAgents.Version12.chunk(large) + RecordedAgents.Version12.end
            let unannounced = try await post(chunked, to: client)
            #expect(unannounced.hasPrefix("HTTP/1.1 413 "))
        }
        #expect(fleet.events.isEmpty)
    }

    @Test("other methods are refused", arguments: ["GET", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
    func methods(method: String) async throws {
        try await harness.run { client in
            let reply = try await client.send(method, "/register/target")
            #expect(reply.status == 405)
            #expect(reply.allow == "POST")
        }
    }

    @Test("who registers without a connection takes over from an older connection of the same agent")
    func takesOver() async throws {
        try await harness.run { client in
            var older = try await client.connect(id: Recorded.id)
            try older.say(Messages.hello())
            _ = try await older.hear()
            _ = try await post(Recorded.ready(idle: 4, processing: 0), to: client)
            #expect(try await older.hear() == nil)
            older.finish()
            _ = try await post(Recorded.ready(idle: 2, processing: 2), to: client)
        }
        let left = fleet.events.filter { $0 == .left(AgentID(rawValue: Recorded.id)) }
        #expect(left.isEmpty)
        #expect(upstream?.slotsTotal == 4)
    }

    private static func body(
        id: String = "a",
        name: String = "",
        host: String = "127.0.0.1",
        port: String = "8088",
        scheme: String = "http",
        idle: String = "1"
    ) -> String {
        #"{"llama_cpp_slots_aggregated_status":{"status":"","slots_idle":\#(idle),"slots_processing":0},"#
            + #""llama_cpp_target_configuration":{"Id":"\#(id)","Name":"\#(name)","llama_cpp_configuration":"#
            + #"{"http_address":{"host":"\#(host)","port":\#(port),"scheme":"\#(scheme)"},"ApiKey":""}}}"#
    }
}

extension Scheduling.Condition {
    fileprivate var isDown: Bool {
        if case .down = self { true } else { false }
    }
}
