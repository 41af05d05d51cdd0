import AccessControl
import Foundation
import Testing

@testable import Management

@Suite("The requests that operators see", .timeLimit(.minutes(1)))
struct RequestRoutesTests {
    private struct Listing: Decodable {
        struct Entry: Decodable { let request_id: String }
        let running_total: Int
        let running, ended: [Entry]
        var names: [String] { (running + ended).map(\.request_id) }
    }

    private func harness(tokens: KeyRing = .open, readingTokens: KeyRing = .open) -> ManagementHarness {
        var harness = ManagementHarness(tokens: tokens, readingTokens: readingTokens)
        harness.requests = SampleRequests.listing
        return harness
    }

    @Test(
        "those under way come first, then those that ended, the last first; each filter leaves out the others",
        arguments: [
            ("", ["waits", "answered", "refused"]), ("?upstream=gpu-1", ["answered"]),
            ("?upstream=127.0.0.1:8080", ["answered"]), ("?upstream=gpu-2", []), ("?tenant=team-a", ["answered"]),
            ("?outcome=running", ["waits"]), ("?outcome=refused", ["refused"]), ("?limit=1", ["waits", "answered"]),
            ("?outcome=refused&limit=1", ["refused"]),
        ]
    )
    func filters(query: String, names: [String]) async throws {
        try await harness().run { client in
            let reply = try await client.send("GET", "/api/v1/requests" + query)
            #expect(reply.status == 200 && reply.contentType == "application/json; charset=utf-8")
            let listing = try JSONDecoder().decode(Listing.self, from: Data(reply.body.utf8))
            #expect(listing.names == names && listing.running_total == 1)
        }
    }

    @Test(
        "what can't be meant is answered with what can",
        arguments: [
            ("?outcome=good", "client_left"), ("?limit=0", "1 to 1000"), ("?limit=1001", "1 to 1000"),
            ("?limit=x", "limit="),
        ]
    )
    func mistakes(query: String, hint: String) async throws {
        try await harness().run { client in
            let reply = try await client.send("GET", "/api/v1/requests" + query)
            #expect(reply.status == 400 && reply.body.contains(hint))
        }
    }

    @Test("a token that may only read is enough, and without any nobody sees anything")
    func tokens() async throws {
        let harness = harness(
            tokens: KeyRing(KeySet(["all"]), isClosed: true),
            readingTokens: KeyRing(KeySet(["read"]), isClosed: true)
        )
        try await harness.run { client in
            for (token, status) in [("all", 200), ("read", 200), ("wrong", 401)] {
                let reply = try await client.send(
                    "GET",
                    "/api/v1/requests",
                    headers: ["authorization": "Bearer \(token)"]
                )
                #expect(reply.status == status)
            }
            #expect(try await client.send("GET", "/api/v1/requests").status == 401)
        }
    }
}
