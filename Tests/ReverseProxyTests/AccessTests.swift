import AccessControl
import LlamaServer
import Testing

@testable import ReverseProxy

@Suite("Who is let in, and where to", .timeLimit(.minutes(1)))
struct AccessTests {
    private static let ring = KeyRing(KeySet(["right", "other"]), isClosed: true)

    @Test(
        "without a valid key nothing gets through",
        arguments: [
            [], ["Authorization: Bearer wrong"], ["Authorization: Bearer "], ["Authorization: wrong"],
            ["Authorization: Basic right"], ["Authorization: Bearer  right"], ["X-Api-Key: wrong"],
            ["X-Api-Key: Basic right"], ["Cookie: right"],
        ],
        ["/v1/chat/completions", "/tokenize"]
    )
    func refused(fields: [String], path: String) async throws {
        try await withProxy {
            $0.proxy.clientKeys = Self.ring
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.completion(fields: fields, path: path))
            let answer = try await client.readMessage()
            #expect(answer.status == 401)
            #expect(answer["WWW-Authenticate"] == ["Bearer"])
            #expect(answer.body.contains("authentication_error"))
        }
    }

    @Test("who knows the secret is told which upstream answered, nobody else, and no upstream hears of it")
    func trace() async throws {
        try await withProxy {
            $0.proxy.traceKeys = KeySet(["secret"])
        } _: { proxy in
            let client = try await proxy.client(
                sending: HTTP.completion(fields: ["X-Paddler-Trace: secret"])
                    + HTTP.completion(fields: ["X-Paddler-Trace: other"])
            )
            let upstream = try await proxy.upstreams[0].accept()
            for told in [["\(proxy.upstreams[0].address)"], []] {
                #expect(try await upstream.readMessage()["X-Paddler-Trace"].isEmpty)
                try await upstream.send(HTTP.answer())
                #expect(try await client.readMessage()["X-Paddler-Upstream"] == told)
            }
        }
    }

    @Test(
        "with one it does",
        arguments: [
            "Authorization: Bearer right", "authorization: bearer other", "X-Api-Key: right", "Authorization: right",
            "X-Api-Key: Bearer right",
        ]
    )
    func admitted(field: String) async throws {
        try await withProxy {
            $0.proxy.clientKeys = Self.ring
        } _: { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(fields: [field]))
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("keys that are exchanged while a stream runs leave it alone")
    func rotated() async throws {
        let ring = KeyRing(KeySet(["old"]), isClosed: true)
        try await withProxy(slots: [2]) {
            $0.proxy.clientKeys = ring
        } _: { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(fields: ["X-Api-Key: old"]))
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            ring.replace(KeySet(["new"]))
            let late = try await proxy.client(sending: HTTP.completion(fields: ["X-Api-Key: old"]))
            #expect(try await late.readMessage().status == 401)
            try await upstream.send(HTTP.chunk("data: 2\n\n") + HTTP.lastChunk)
            #expect(try await client.read(through: HTTP.lastChunk).contains("data: 2"))
        }
    }

    static let guarded = [
        ("GET", "/slots", GuardedEndpoint.slots), ("POST", "/slots/0?action=erase", .slots),
        ("GET", "//slots/", .slots),
        ("GET", "/%73lots", .slots), ("POST", "/props", .administration), ("POST", "/models/load", .administration),
        ("POST", "/tools", .administration), ("GET", "/cors-proxy?url=x", .administration),
    ]

    @Test(
        "what changes a server or shows others' requests is reached only if the operator wants it",
        arguments: guarded
    )
    func guardedEndpoint(method: String, path: String, endpoint: GuardedEndpoint) async throws {
        let request = "\(method) \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        try await withProxy { proxy in
            let client = try await proxy.client(sending: request)
            let answer = try await client.readMessage()
            #expect(answer.status == 403 && answer.body.contains("permission_error"))
            #expect(answer.body.contains(endpoint == .slots ? "--slots-endpoint-enable" : "--admin-endpoints-enable"))
        }
        try await withProxy {
            $0.proxy.openEndpoints = [endpoint]
        } _: { proxy in
            let client = try await proxy.client(sending: request)
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readHead().startLine == "\(method) \(path) HTTP/1.1")
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }
}
