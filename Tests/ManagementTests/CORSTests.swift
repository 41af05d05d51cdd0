import AccessControl
import NIOHTTP1
import Testing

@testable import Management

@Suite("Pages of other origins", .timeLimit(.minutes(1)))
struct CORSTests {
    private let ours = "https://dashboard.example:8443"
    private var harness: ManagementHarness {
        ManagementHarness(
            tokens: KeyRing(KeySet(["token"]), isClosed: true),
            allowedOrigins: ["https://Dashboard.example:8443/", "http://localhost:3000"]
        )
    }

    @Test("an allowed page's preflight is answered without a token")
    func preflight() async throws {
        try await harness.run { client in
            let reply = try await client.send(
                "OPTIONS",
                "/api/v1/agents",
                headers: ["origin": ours, "access-control-request-method": "GET"]
            )
            #expect(reply.status == 204)
            #expect(reply.headers["access-control-allow-origin"] == [ours])
            #expect(reply.headers["access-control-allow-methods"] == ["GET, POST, OPTIONS"])
            #expect(reply.headers["access-control-allow-headers"] == ["Accept, Authorization, Content-Type"])
            #expect(reply.headers["access-control-max-age"] == ["3600"])
            #expect(reply.headers["vary"] == ["Origin"])
        }
    }

    @Test("an allowed page may read answers, errors and streams, too")
    func answers() async throws {
        try await harness.run { client in
            let headers = ["origin": ours, "authorization": "Bearer token"]
            for path in ["/api/v1/agents", "/nothing", "/health"] {
                let reply = try await client.send("GET", path, headers: headers)
                #expect(reply.headers["access-control-allow-origin"] == [ours])
                #expect(reply.headers["access-control-allow-credentials"].isEmpty)
                #expect(reply.headers["vary"] == ["Origin"])
            }
            let refused = try await client.send("GET", "/api/v1/agents", headers: ["origin": ours])
            #expect(refused.status == 401)
            #expect(refused.headers["access-control-allow-origin"] == [ours])
            let stream = try await client.send("HEAD", "/api/v1/agents/stream", headers: headers)
            #expect(stream.headers["access-control-allow-origin"] == [ours])
        }
    }

    @Test(
        "other pages are refused, with a token, too, and get no such fields",
        arguments: [
            "https://dashboard.example", "http://dashboard.example:8443", "https://evil.example", "null",
            "https://dashboard.example:8443.evil.example", "",
        ]
    )
    func others(origin: String) async throws {
        try await harness.run { client in
            let reply = try await client.send(
                "GET",
                "/api/v1/agents",
                headers: ["origin": origin, "authorization": "Bearer token"]
            )
            #expect(reply.status == 403)
            let preflight = try await client.send(
                "OPTIONS",
                "/api/v1/agents",
                headers: ["origin": origin, "access-control-request-method": "GET"]
            )
            #expect(preflight.status == 403)
            for reply in [reply, preflight] {
                #expect(!reply.headers.contains { $0.name.lowercased().hasPrefix("access-control") })
                #expect(reply.headers["vary"] == ["Origin"])
            }
        }
    }

    @Test("where no origin is allowed, nothing is said about origins")
    func none() async throws {
        try await ManagementHarness().run { client in
            let reply = try await client.send("GET", "/health", headers: ["origin": ours])
            #expect(!reply.headers.contains { $0.name.lowercased().hasPrefix("access-control") })
            #expect(reply.headers["vary"].isEmpty)
        }
    }
}
