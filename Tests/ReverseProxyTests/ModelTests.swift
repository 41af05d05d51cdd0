import NIOCore
import Testing

@testable import ReverseProxy

@Suite("Requests for one of several models", .timeLimit(.minutes(1)))
struct ModelTests {
    private static func post(_ body: String, to path: String = "/v1/chat/completions") -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("each goes to a server of the model that its body names", arguments: [0, 1])
    func named(index: Int) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            proxy.serve(["alpha", "beta"])
            let model = ["alpha", "beta"][index]
            let client = try await proxy.client(sending: Self.post(#"{"stream":false,"model":"\#(model)"}"#))
            let upstream = try await proxy.upstreams[index].accept()
            #expect(try await upstream.readMessage().body.contains(model))
            try await upstream.send(HTTP.answer("{}"))
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("one that nobody serves is 404, none at all 400, and both answers list what there is")
    func unknown() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            proxy.serve(["alpha", "beta"])
            let client = try await proxy.client(sending: Self.post(#"{"model":"gamma"}"#) + Self.post("{}"))
            let unknown = try await client.readMessage()
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("model_not_found") && unknown.body.contains("'gamma'"))
            #expect(unknown.body.contains("'alpha', 'beta'"))
            let unnamed = try await client.readMessage()
            #expect(unnamed.status == 400)
            #expect(unnamed.body.contains("names no model") && unnamed.body.contains("'alpha', 'beta'"))
        }
    }

    @Test(
        "what needs no slot goes to a server of the model that its body or its query names",
        arguments: [true, false]
    )
    func slotless(inQuery: Bool) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            proxy.serve(["alpha", "b/ta"])
            let request =
                inQuery
                ? HTTP.get("/props?x=1&model=b%2Fta")
                : Self.post(#"{"model":"b/ta"}"#, to: "/tokenize")
            let client = try await proxy.client(sending: request)
            let upstream = try await proxy.upstreams[1].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer("{}"))
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("the list of models is that of all servers")
    func list() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            proxy.serve(["alpha", "beta"])
            let client = try await proxy.client(sending: HTTP.get("/v1/models"))
            for (upstream, model) in zip(proxy.upstreams, ["alpha", "beta"]) {
                let connection = try await upstream.accept()
                #expect(try await connection.readMessage().startLine == "GET /v1/models HTTP/1.1")
                try await connection.send(HTTP.answer(#"{"object":"list","data":[{"id":"\#(model)"}]}"#))
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 200)
            #expect(answer.body.contains(#"{"id":"alpha"}"#) && answer.body.contains(#"{"id":"beta"}"#))
        }
    }
}
