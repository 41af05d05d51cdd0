import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite("What is told of each request", .serialized)
struct RequestsToldTests {
    private struct Line: Decodable {
        let time, request_id, outcome: String
        let client, method, path, outcome_reason, upstream_name, upstream_reason: String?
        let status, tokens_generated: Int?
        let attempts: Int
        let total_seconds, first_token_seconds: Double?
    }

    private struct Listing: Decodable {
        let running_total: Int
        let running, ended: [Line]
    }

    private func lines(_ path: String) throws -> [Line] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    private func listing(_ fleet: Fleet, _ query: String = "") async throws -> Listing {
        let reply = try await RawClient.exchange("GET", "/api/v1/requests" + query, port: fleet.balancer.managementPort)
        #expect(reply.status == 200)
        return try JSONDecoder().decode(Listing.self, from: Data(reply.body))
    }

    @Test("a line in the access log for each request, which goes on in a new file after SIGHUP")
    func accessLog() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("access.log").path
            try await withFleet(servers: 1, balancerArguments: ["--access-log", path]) { fleet in
                let reply = try await fleet.exchange(headers: ["X-Request-Id": "first"], body: #"{"stream":true}"#)
                #expect(reply.status == 200)
                try await eventually("the line of the request") {
                    try lines(path).contains { $0.request_id == "first" }
                }
                let line = try #require(try lines(path).first { $0.request_id == "first" })
                #expect(line.outcome == "answered" && line.status == 200 && line.attempts == 1)
                #expect(line.method == "POST" && line.path == "/v1/chat/completions" && line.client == "127.0.0.1")
                #expect(line.upstream_name == "agent-0" && line.upstream_reason == "only")
                #expect(line.tokens_generated ?? 0 > 0)
                #expect((line.first_token_seconds ?? .infinity) <= (line.total_seconds ?? 0))

                try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
                fleet.balancer.process.signal(SIGHUP)
                try await eventually("a new file") { FileManager.default.fileExists(atPath: path) }
                _ = try await fleet.exchange("GET", "/slots", headers: ["X-Request-Id": "second"])
                fleet.balancer.process.signal(SIGTERM)
                #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
                let last = try #require(try lines(path).last)
                #expect(last.request_id == "second" && last.outcome == "refused" && last.outcome_reason == "guarded")
            }
        }
    }

    @Test("an access log that can't be opened ends the start with one line")
    func impossible() async throws {
        let balancer = try Paddler.start([
            "balancer", "--reverseproxy-port", "0", "--management-port", "0", "--access-log", "/nowhere/access.log",
        ])
        #expect(try await balancer.waitUntilExit() == .code(1))
        #expect(balancer.lines.last?.contains("--access-log: cannot open /nowhere/access.log: No such file") == true)
    }

    @Test("requests that are under way, and those that ended, are listed, and found by server and outcome")
    func listed() async throws {
        try await withFleet(servers: 1, slots: 1) { fleet in
            let running = try await fleet.balancer.occupySlots(1)
            let waiting = try fleet.connect()
            try await waiting.send(RawClient.request("POST", "/v1/chat/completions", body: "{}"))
            try await eventually("a request that waits") { try await listing(fleet).running.count == 2 }
            let now = try await listing(fleet)
            #expect(now.running_total == 2)
            #expect(Set(now.running.map(\.outcome)) == ["running"])
            #expect(now.running.contains { $0.outcome_reason == "queued" && $0.upstream_name == nil })
            #expect(now.running.contains { $0.upstream_name == "agent-0" && $0.upstream_reason == "only" })
            await waiting.close()
            try await eventually("that its client left") {
                try await listing(fleet, "?outcome=client_left").ended.map(\.outcome_reason) == ["queued"]
            }
            #expect(try await listing(fleet, "?upstream=agent-0").ended.isEmpty)
            #expect(try await listing(fleet, "?upstream=agent-0").running.count == 1)
            #expect(try await listing(fleet, "?tenant=nobody").running.isEmpty)
            _ = try await fleet.exchange("GET", "/health")
            #expect(try await listing(fleet, "?outcome=own_answer&limit=1").ended.map(\.path) == ["/health"])
            withExtendedLifetime(running) {}
        }
    }

    @Test("answers say how long their requests waited, if the operator wants it", arguments: [true, false])
    func serverTiming(isWanted: Bool) async throws {
        try await withFleet(servers: 1, balancerArguments: isWanted ? ["--server-timing"] : []) { fleet in
            let reply = try await fleet.exchange(body: "{}")
            let timing = reply["Server-Timing"]
            #expect((timing?.hasPrefix("queue;dur=0.000") == true) == isWanted)
            #expect((timing != nil) == isWanted)
        }
    }
}
