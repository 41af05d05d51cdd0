import FleetMetrics
import Scheduling
import Testing

@testable import Management

@Suite("Streams of snapshots", .timeLimit(.minutes(1)))
struct StreamTests {
    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }

    private static let paths = ["/api/v1/agents", "/api/v1/buffered_requests"]

    private func watch(_ path: String) -> String {
        "GET \(path)/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
    }

    private func change(_ processing: Int) {
        fleet.advance(by: .seconds(1))
        fleet.reported(Reports.ready("a", port: 1, processing: processing, at: fleet.now()))
    }

    @Test("a watcher gets at once what the plain endpoint says", arguments: paths)
    func first(path: String) async throws {
        change(1)
        try await harness.run { client in
            let plain = try await client.send("GET", path)
            try await RawConnection.with(client.address) { connection in
                try await connection.say(watch(path))
                let head = try await connection.hear(to: "\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(head.lowercased().contains("content-type: text/event-stream; charset=utf-8\r\n"))
                let event = try await connection.hear(to: "\n\n")
                #expect(event.contains("data: \(plain.body)\n\n"))
            }
        }
    }

    @Test("it gets the whole again when something has changed")
    func changes() async throws {
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(watch("/api/v1/agents"))
                _ = try await connection.hear(to: #"data: {"agents":[],"fleet":{"#)
                change(1)
                _ = try await connection.hear(to: #""slots_processing":1"#)
                change(3)
                _ = try await connection.hear(to: #""slots_processing":3"#)
                fleet.agentLeft(AgentID(rawValue: "a"))
                _ = try await connection.hear(to: #"data: {"agents":[],"fleet":{"#)
            }
        }
    }

    @Test("it gets the whole again with each second of the history")
    func seconds() async throws {
        change(1)
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(watch("/api/v1/agents"))
                _ = try await connection.hear(to: #""sample":null"#)
                await harness.history.record(second: 7)
                let event = try await connection.hear(to: #""number":7"#)
                #expect(event.contains(#"data: {"agents":[{"accelerators":[],"agent_id":"a","#))
            }
        }
    }

    @Test("it gets a comment when nothing has changed for long", arguments: paths)
    func comments(path: String) async throws {
        fleet.reported(Reports.ready("a", port: 1, maximumSilence: .seconds(60), at: fleet.now()))
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(watch(path))
                _ = try await connection.hear(to: "data: ")
                for _ in 0..<3 {
                    fleet.advance(by: .seconds(5))
                    let silence = try await connection.hear(to: ": nothing has changed\n\n")
                    #expect(!silence.contains("data:"))
                }
            }
        }
    }

    @Test("who asks for the head alone gets it, and takes no place")
    func head() async throws {
        try await harness.run { client in
            for _ in 0...SnapshotFeed.maximumWatchersOfOneClient {
                let reply = try await client.send("HEAD", "/api/v1/agents/stream")
                #expect(reply.status == 200)
                #expect(reply.contentType == "text/event-stream; charset=utf-8")
                #expect(reply.body.isEmpty)
            }
            try await RawConnection.with(client.address) { connection in
                try await connection.say(watch("/api/v1/agents"))
                _ = try await connection.hear(to: "data: ")
            }
        }
    }

    @Test("when one client watches too often, more is refused in words until it leaves a stream")
    func tooMany() async throws {
        try await harness.run { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<SnapshotFeed.maximumWatchersOfOneClient {
                    group.addTask {
                        try await RawConnection.with(client.address) { connection in
                            try await connection.say(watch("/api/v1/buffered_requests"))
                            _ = try await connection.hear(to: "data: ")
                            arrival.yield()
                            _ = try await connection.hearToTheEnd()
                        }
                    }
                }
                var iterator = arrivals.makeAsyncIterator()
                for _ in 0..<SnapshotFeed.maximumWatchersOfOneClient { _ = await iterator.next() }
                let reply = try await client.send("GET", "/api/v1/agents/stream")
                #expect(reply.status == 503)
                #expect(reply.body.hasPrefix(#"{"error":{"code":503,"#))
                group.cancelAll()
            }
            // Those that have left are noticed when something is written to them.
            while try await client.send("GET", "/api/v1/agents").status == 200 {
                fleet.advance(by: .seconds(5))
                let isServed = try await RawConnection.with(client.address) { connection in
                    try await connection.say(watch("/api/v1/agents"))
                    return try await connection.hear(to: "\r\n\r\n").hasPrefix("HTTP/1.1 200")
                }
                if isServed { break }
            }
        }
    }

    @Test("streams end when the balancer stops")
    func stopping() async throws {
        try await harness.run { client, stop in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(watch("/api/v1/agents"))
                _ = try await connection.hear(to: "data: ")
                await stop()
                let rest = try await connection.hearToTheEnd()
                #expect(rest.hasSuffix("0\r\n\r\n"))
            }
        }
    }
}
