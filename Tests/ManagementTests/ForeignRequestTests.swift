import AccessControl
import LlamaServer
import Testing

@testable import Management

@Suite("Other sites' pages at an open listener", .timeLimit(.minutes(1)))
struct ForeignRequestTests {
    /// Everything that is served, and what is not.
    private static let routes = [
        ("GET", "/api/v1/agents"), ("GET", "/api/v1/agents/stream"), ("GET", "/api/v1/history"), ("GET", "/metrics"),
        ("GET", "/api/v1/buffered_requests"), ("GET", "/health"), ("GET", "/dashboard"), ("POST", "/dashboard/chat"),
        ("POST", "/api/v1/agents/a/drain"), ("POST", "/api/v1/agents/a/undrain"), ("POST", "/register/target"),
        ("POST", "/api/v1/agents/a/connection"), ("POST", "/status_update/a"),
        ("POST", "/api/v1/agent_status_update/a"), ("GET", "/nothing"), ("PUT", "/metrics"),
    ]

    @Test("every route refuses them in words", arguments: routes)
    func refused(method: String, path: String) async throws {
        let harness = ManagementHarness(dashboard: Dashboard { nil })
        try await harness.run { client in
            let marks = [
                ["origin": "http://evil.example"], ["sec-fetch-site": "cross-site"],
                ["host": "evil.example:\(client.address.port)", "sec-fetch-site": "same-origin"],
            ]
            for headers in marks {
                let reply = try await client.send(method, path, headers: headers)
                #expect(reply.status == 403)
                #expect(reply.body.contains(#""type":"permission_error""#))
                #expect(reply.body.contains("page"))
            }
        }
        #expect(harness.fleet.events.isEmpty)
    }

    @Test("a server that a page wants to register by a simple request isn't")
    func simpleRegistration() async throws {
        let harness = ManagementHarness()
        try await harness.run { client in
            let headers = ["content-type": "text/plain;charset=UTF-8"]
            let reply = try await client.send("POST", "/register/target", headers: headers, body: "{}")
            #expect(reply.status == 415)
            #expect(reply.body.contains("Content-Type: application/json"))
        }
    }
}
