import AccessControl
import NIOCore
import Testing

@testable import ReverseProxy

@Suite("Whose pages may read our answers", .timeLimit(.minutes(1)))
struct CrossOriginTests {
    private static let page = "http://page.example"
    private static let ask = #"{"stream":true}"#

    /// What the balancer's own health says to the page, after a server has answered it so.
    private func allowed(after server: String?, to origin: String = page) async throws -> [String] {
        var allowed: [String] = []
        try await withProxy { proxy in
            let client = try await proxy.client(sending: HTTP.get("/props", fields: ["Origin: \(Self.page)"]))
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(
                HTTP.answer(fields: server.map { ["Access-Control-Allow-Origin: \($0)"] } ?? [])
            )
            #expect(try await client.readMessage().status == 200)
            try await client.send(HTTP.get("/health", fields: ["Origin: \(origin)"]))
            allowed = try await client.readMessage()["Access-Control-Allow-Origin"]
        }
        return allowed
    }

    @Test(
        "an answer of our own may be read by whose pages may read a server's",
        arguments: [(page, [page]), ("*", ["*"]), ("http://other.example", []), ("", []), (nil, [])]
            as [(String?, [String])]
    )
    func learnt(server: String?, expected: [String]) async throws {
        #expect(try await allowed(after: server) == expected)
    }

    @Test("pages that no server has answered are treated as llama-server does by default, until it refuses one")
    func unknown() async throws {
        let other = "https://other.example"
        #expect(try await allowed(after: Self.page, to: other) == [other])
        #expect(try await allowed(after: nil, to: other) == [])
    }

    @Test("who is no page hears nothing of it")
    func noPage() async throws {
        try await withProxy(slots: []) { proxy in
            let client = try await proxy.client(sending: HTTP.get("/v1/models"))
            #expect(try await client.readMessage()["Access-Control-Allow-Origin"].isEmpty)
        }
    }

    @Test(
        "a stream that is begun here may be read by the page that may read the server's",
        arguments: ["*", page, nil]
    )
    func stream(server: String?) async throws {
        try await withProxy {
            $0.proxy.keepAliveAfter = .seconds(10)
        } _: { proxy in
            try await proxy.onLoop { [server] loop in
                loop.crossOrigins.withLock { $0.learn(server.map { Array($0.utf8) }, for: Array(Self.page.utf8)) }
            }
            let (client, upstream) = try await proxy.ask(HTTP.completion(Self.ask, fields: ["Origin: \(Self.page)"]))
            try await proxy.pass(.seconds(11))
            let head = try await client.readHead()
            #expect(head["Access-Control-Allow-Origin"] == (server.map { [$0] } ?? []))
            #expect(head["X-Accel-Buffering"] == ["no"])
            try await upstream.send(HTTP.eventStreamHead + HTTP.lastChunk)
            _ = try await client.read(through: HTTP.lastChunk)
        }
    }

    @Test("a page of which nothing is known waits for the server's own beginning")
    func unknownStream() async throws {
        try await withProxy {
            $0.proxy.keepAliveAfter = .seconds(10)
        } _: { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(Self.ask, fields: ["Origin: \(Self.page)"]))
            try await proxy.pass(.seconds(11))
            try await upstream.send(HTTP.answer("{}", fields: ["Access-Control-Allow-Origin: \(Self.page)"]))
            let answer = try await client.readMessage()
            #expect(answer.body == "{}")
            #expect(answer["Access-Control-Allow-Origin"] == [Self.page])
        }
    }

    @Test("what is remembered of pages is bounded")
    func bounded() {
        var policy = CrossOriginPolicy()
        let origins = (0...CrossOriginPolicy.maximumOrigins).map { Array("http://\($0)".utf8) }
        for origin in origins { policy.learn(nil, for: origin) }
        #expect(policy.learnt(for: origins[0]) == nil)
        #expect(policy.verdict(for: origins[0]) == .nobody)
        #expect(origins.dropFirst().allSatisfy { policy.learnt(for: $0) == .nobody })
    }
}
