import AccessControl
import LlamaServer
import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What needs no key", .timeLimit(.minutes(1)))
struct PublicTests {
    private static let ring = KeyRing(KeySet(["right"]), isClosed: true)

    private func withClosedProxy(slots: [Int] = [1], _ body: (TestProxy) async throws -> Void) async throws {
        try await withProxy(slots: slots) {
            $0.proxy.clientKeys = Self.ring
            $0.proxy.upstreamAPIKey = "the upstream's"
            $0.proxy.maximumBufferedBytes = 1000
        } _: { proxy in
            try await body(proxy)
        }
    }

    @Test("health is answered here", arguments: ["/health", "/v1/health"], ["GET", "HEAD"])
    func health(path: String, method: String) async throws {
        try await withClosedProxy(slots: []) { proxy in
            let client = try await proxy.client(sending: "\(method) \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.readHead()
            #expect(answer.status == 200)
            #expect(answer["Date"].count == 1)
        }
    }

    @Test("the web UI's pages are sent on, without the upstream's key", arguments: ["/", "/index.html", "/bundle.js"])
    func page(path: String) async throws {
        try await withClosedProxy { proxy in
            let client = try await proxy.client(sending: HTTP.get(path))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage()["Authorization"].isEmpty)
            try await upstream.send(HTTP.answer("page"))
            #expect(try await client.readMessage().body == "page")
            try await client.send(HTTP.get(path, fields: ["Authorization: right"]))
            #expect(try await upstream.readMessage()["Authorization"] == ["Bearer the upstream's"])
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test(
        "public is a path together with its method, and whoever has no key has nothing held for them",
        arguments: [
            "OPTIONS *", "OPTIONS /v1/chat/completions", "POST /health", "PUT /health", "FOO /%68ealth",
            "DELETE /v1/health",
            "POST /", "OPTIONS /", "GET /", "GET /bundle.js", "GET /props", "GET /metrics", "TRACE /",
        ]
    )
    func closed(request: String) async throws {
        try await withClosedProxy { proxy in
            let client = try await proxy.client(
                sending: "\(request) HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Length: 900\r\n\r\nx"
            )
            let answer = try await client.readMessage()
            #expect(answer.status == 401)
            #expect(try await proxy.load().bytes == 0)
            #expect(try await proxy.load().pooled == 0)
        }
    }

    @Test("few requests without a key are sent on at one time")
    func few() async throws {
        try await withClosedProxy { proxy in
            var clients: [RawConnection] = []
            var upstreams: [RawConnection] = []
            for _ in 0..<ProxyLoop.maximumWithoutKey {
                clients.append(try await proxy.client(sending: HTTP.get("/")))
                upstreams.append(try await proxy.upstreams[0].accept())
            }
            let late = try await proxy.client(sending: HTTP.get("/"))
            let refusal = try await late.readMessage()
            #expect(refusal.status == 429 && refusal["Retry-After"] == ["1"])
            for (client, upstream) in zip(clients, upstreams) {
                _ = try await upstream.readMessage()
                try await upstream.send(HTTP.answer())
                #expect(try await client.readMessage().status == 200)
            }
            try await late.send(HTTP.get("/"))
            let upstream = try #require(upstreams.last)
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            #expect(try await late.readMessage().status == 200)
        }
    }

    @Test(
        "a browser's question before a request is answered without a key and without a server",
        arguments: ["/v1/chat/completions", "/slots", "/health", "*"]
    )
    func preflight(target: String) async throws {
        try await withClosedProxy(slots: []) { proxy in
            let client = try await proxy.client(
                sending: """
                    OPTIONS \(target) HTTP/1.1\r
                    Host: a\r
                    Origin: http://page.example\r
                    Access-Control-Request-Method: POST\r
                    Access-Control-Request-Headers: authorization, content-type\r
                    \r\n
                    """
            )
            let answer = try await client.readMessage()
            #expect(answer.status == 200)
            #expect(answer["Access-Control-Allow-Origin"] == ["http://page.example"])
            #expect(answer["Access-Control-Allow-Methods"] == ["GET, POST, DELETE, OPTIONS"])
            #expect(answer["Access-Control-Allow-Headers"] == ["*"])
            #expect(answer["Access-Control-Allow-Credentials"] == ["true"])
        }
    }

    @Test(
        "with keys, running answers are not reached by their ids, however many servers there are",
        arguments: [
            "GET /v1/stream?conv_id=a", "DELETE /v1/stream?conv_id=a", "POST /v1/streams/lookup",
            "POST /v1/chat/completions/control",
        ],
        [1, 2]
    )
    func streams(request: String, servers: Int) async throws {
        let text = "\(request) HTTP/1.1\r\nHost: a\r\nAuthorization: right\r\nContent-Length: 0\r\n\r\n"
        try await withClosedProxy(slots: Array(repeating: 1, count: servers)) { proxy in
            let client = try await proxy.client(sending: text)
            let answer = try await client.readMessage()
            #expect(answer.status == 403)
            #expect(answer.body.contains("--streams-endpoint-enable"))
        }
        guard servers == 1 else { return }
        try await withProxy {
            $0.proxy.clientKeys = Self.ring
            $0.proxy.openEndpoints = [.streams]
        } _: { proxy in
            let (client, upstream) = try await proxy.ask(text)
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("with keys, no request goes on without its client, under an id that nobody could stop it by")
    func conversation() async throws {
        try await withClosedProxy { proxy in
            let client = try await proxy.client(
                sending: HTTP.completion(fields: ["Authorization: right", "X-Conversation-Id: alice"])
            )
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage()["X-Conversation-Id"].isEmpty)
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test(
        "an agent or an operator that takes this for the management address is told so, and no server sees the token",
        arguments: [
            "POST /api/v1/agents/a-1/connection", "POST /register/target", "POST /status_update/a",
            "POST /api/v1/agent_status_update/a", "GET /api/v1/agents", "GET /api/v1/buffered_requests",
            "POST /api/v1/agents/gpu-1/drain",
        ]
    )
    func management(request: String) async throws {
        try await withClosedProxy { proxy in
            let client = try await proxy.client(
                sending: "\(request) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n" + HTTP.chunk("{}\n")
            )
            let answer = try await client.readMessage()
            #expect(answer.status == 421)
            #expect(answer.body.contains("management address"))
        }
    }
}
