import Foundation
import Testing

@testable import FakeLlamaServer

@Suite("Sessions over several servers", .serialized)
struct SessionTests {
    private static let path = "/v1/chat/completions"

    @Test(
        "a session's next request goes where the last one was, though another server is less busy",
        arguments: [
            (headers: ["X-Session-Id": "s1"], body: "{}", isFollowed: true),
            (headers: ["X-Conversation-Id": "s1"], body: "{}", isFollowed: true),
            (headers: [:], body: #"{"prompt_cache_key":"s1"}"#, isFollowed: true),
            (headers: [:], body: #"{"user":"s1"}"#, isFollowed: true),
            (headers: [:], body: "{}", isFollowed: false),
        ]
    )
    func followed(headers: [String: String], body: String, isFollowed: Bool) async throws {
        try await follow(headers, body, isFollowed)
    }

    @Test(
        "operators say which headers and which cookie name a session",
        arguments: [
            (headers: ["x-team": "s1"], isFollowed: true),
            (headers: ["X-Chat": "s1"], isFollowed: true),
            (headers: ["Cookie": "a=1; sid=s1; b=2"], isFollowed: true),
            (headers: ["Cookie": "SID=s1; xsid=s1; sid="], isFollowed: false),
            (headers: ["X-Session-Id": "s1"], isFollowed: false),
        ]
    )
    func configured(headers: [String: String], isFollowed: Bool) async throws {
        let names = ["--session-header", "X-Chat", "--session-header", "X-Team", "--session-cookie", "sid"]
        try await follow(headers, "{}", isFollowed, names)
    }

    private func follow(
        _ headers: [String: String],
        _ body: String,
        _ isFollowed: Bool,
        _ arguments: [String] = []
    ) async throws {
        try await withFleet(balancerArguments: ["--balance", "session"] + arguments) { fleet in
            let port = fleet.balancer.port
            func ask() async throws {
                let reply = try await RawClient.exchange("POST", Self.path, port: port, headers: headers, body: body)
                #expect(reply.status == 200)
            }
            func completed() async throws -> [Int] {
                var counts: [Int] = []
                for server in fleet.servers { counts.append(try await server.counts().requestsCompleted) }
                return counts
            }
            try await ask()
            let first = try await completed()
            #expect(first.reduce(0, +) == 1)
            try await fleet.waitUntilAtRest()
            // Both have one now, and of equals the one is next that was picked longest ago: the other.
            let holders = try await fleet.balancer.occupySlots(2)
            try await ask()
            let second = try await completed()
            #expect(second.contains(2) == isFollowed)
            for holder in holders { await holder.close() }
            try await fleet.waitUntilAtRest()
        }
    }
}
