import LlamaServer
import StubHTTPServer
import Testing

@testable import ManagementClient

/// Over loopback connections, against a stub of a balancer.
struct ManagementClientTests {
    private static let gpu =
        #"{"agent_id":"a/b c","agent_name":"gpu-1","external_llamacpp_addr":"10.0.0.1:8088","slots_leased":2,"draining":true,"models":["x"],"slots_idle":1}"#

    private func use(
        _ server: StubHTTPServer,
        token: String? = nil,
        _ body: @Sendable (ManagementClient) async throws -> Void
    ) async throws {
        let address = NetworkAddress(host: "127.0.0.1", port: server.port)
        let balancer = ManagementClient.Balancer(address: address, usesTLS: false, token: token)
        try await ManagementClient.with(balancer, limit: .seconds(20), body)
    }

    @Test("the list is asked with the token, and read beside fields that matter to others")
    func agents() async throws {
        try await StubHTTPServer.with({ _ in StubReply(200, #"{"agents":[\#(Self.gpu)],"more":1}"#) }) { server in
            try await use(server, token: "hush") { client in
                let agents = try await client.agents()
                #expect(agents.map(\.inWords) == ["gpu-1 (10.0.0.1:8088)"])
            }
            #expect(server.requests.map(\.uri) == ["/api/v1/agents?limit=1000"])
            #expect(server.requests.first?.headers["authorization"] == "Bearer hush")
        }
    }

    @Test("a large fleet's list is asked for page by page")
    func pages() async throws {
        let answer: @Sendable (StubRequest) -> StubReply? = { request in
            let isFirst = !request.uri.contains("after=")
            let next = isFirst ? #""next":"[::1]:80","# : ""
            return StubReply(200, #"{\#(next)"agents":[\#(Self.gpu)]}"#)
        }
        try await StubHTTPServer.with(answer) { server in
            try await use(server) { client in
                let agents = try await client.agents()
                #expect(agents.count == 2)
            }
            #expect(
                server.requests.map(\.uri) == [
                    "/api/v1/agents?limit=1000", "/api/v1/agents?limit=1000&after=%5B%3A%3A1%5D%3A80",
                ]
            )
        }
    }

    @Test("a change names the agent, whatever is in its id", arguments: [ManagementClient.Change.drain, .undrain])
    func change(change: ManagementClient.Change) async throws {
        try await StubHTTPServer.with({ _ in StubReply(200, Self.gpu) }) { server in
            let agent = ListedAgent(id: "a/b c", name: nil, address: "10.0.0.1:8088", slotsLeased: 0, isDraining: false)
            try await use(server) { client in
                let changed = try await client.change(change, agent)
                #expect(changed.slotsLeased == 2)
            }
            #expect(server.requests.map(\.method) == ["POST"])
            #expect(server.requests.map(\.uri) == ["/api/v1/agents/a%2Fb%20c/\(change.rawValue)"])
            #expect(server.requests.first?.headers["authorization"] == nil)
        }
    }

    @Test(
        "what a balancer refuses is told in its words",
        arguments: [
            (404, #"{"error":{"code":404,"message":"no such\nagent","type":"x"}}"#, "answered 404: no such agent"),
            (500, "oops", "answered 500"),
            (401, "", "demands a token"),
            (200, "<html>", "not a paddler balancer's list"),
        ]
    )
    func refused(status: Int, body: String, words: String) async throws {
        try await StubHTTPServer.with({ _ in StubReply(status, body) }) { server in
            try await use(server) { client in
                let error = await #expect(throws: ManagementClientError.self) { try await client.agents() }
                #expect(error?.description.contains(words) == true)
            }
        }
    }

    @Test("a wrong token is told from a missing one, and isn't shown")
    func wrongToken() async throws {
        try await StubHTTPServer.with({ _ in StubReply(401) }) { server in
            try await use(server, token: "hush") { client in
                let error = await #expect(throws: ManagementClientError.self) { try await client.agents() }
                #expect(error?.description.contains("does not know this token") == true)
                #expect(error?.description.contains("hush") == false)
            }
        }
        let balancer = ManagementClient.Balancer(
            address: NetworkAddress(host: "a", port: 1),
            usesTLS: true,
            token: "hush"
        )
        #expect("\(balancer)" == "https://a:1")
    }

    @Test("a balancer that isn't there is told so")
    func nobody() async throws {
        var port = 0
        try await StubHTTPServer.with({ _ in nil }) { port = $0.port }
        let address = NetworkAddress(host: "127.0.0.1", port: port)
        let balancer = ManagementClient.Balancer(address: address, usesTLS: false, token: nil)
        try await ManagementClient.with(balancer) { client in
            let error = await #expect(throws: ManagementClientError.self) { try await client.agents() }
            #expect(error?.description.hasPrefix("no balancer at http://\(address): connection re") == true)
        }
    }
}
