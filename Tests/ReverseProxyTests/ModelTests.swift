import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Requests for one of several models", .timeLimit(.minutes(1)))
struct ModelTests {
    private static func post(_ body: String, to path: String = "/v1/chat/completions") -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// The only upstream that gets the request answers it.
    private static func answer(_ proxy: TestProxy, _ client: RawConnection, from index: Int) async throws -> Message {
        let upstream = try await proxy.upstreams[index].accept()
        let request = try await upstream.readMessage()
        try await upstream.send(HTTP.answer("{}"))
        #expect(try await client.readMessage().status == 200)
        return request
    }

    @Test("each goes to a server of the model that its body names", arguments: [0, 1])
    func named(index: Int) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            proxy.serve(["alpha", "beta"])
            let model = ["alpha", "beta"][index]
            let client = try await proxy.client(sending: Self.post(#"{"stream":false,"model":"\#(model)"}"#))
            let request = try await Self.answer(proxy, client, from: index)
            #expect(request.body.contains(model))
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
            _ = try await Self.answer(proxy, client, from: 1)
        }
    }

    @Test("whoever changes the list of models needs the operator's leave", arguments: ["DELETE", "PUT", "PATCH"])
    func listIsGuarded(method: String) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: "\(method) /models HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.readMessage().status == 403)
        }
    }

    @Test("who waited in vain for one model is told of its servers alone")
    func words() async throws {
        try await withProxy(slots: [1, 1]) {
            $0.scheduler.maximumQueued = 0
        } _: { proxy in
            proxy.serve(["alpha", "beta"])
            let first = try await proxy.client(sending: Self.post(#"{"model":"beta"}"#))
            let upstream = try await proxy.upstreams[1].accept()
            _ = try await upstream.readMessage()
            let second = try await proxy.client(sending: Self.post(#"{"model":"beta"}"#))
            #expect(try await second.readMessage().body.contains("all 1 slots on 1 server are busy"))
            try await upstream.send(HTTP.answer("{}"))
            #expect(try await first.readMessage().status == 200)
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
            for model in ["alpha", "beta"] {
                #expect(answer.body.contains(#"{"status":{"value":"loaded"},"id":"\#(model)"}"#))
            }
        }
    }

    @Test("of several models, one server describes itself for all, as a router does; of one, as it is")
    func properties() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let alike = try await proxy.client(sending: HTTP.get("/props"))
            let one = try await proxy.upstreams[0].accept()
            #expect(try await one.readMessage().startLine == "GET /props HTTP/1.1")
            try await one.send(HTTP.answer(#"{"total_slots":1}"#))
            #expect(try await alike.readMessage().body == #"{"total_slots":1}"#)

            proxy.serve(["alpha", "beta"])
            let client = try await proxy.client(sending: HTTP.get("/props?autoload=false"))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().startLine == "GET /props HTTP/1.1")
            try await upstream.send(HTTP.answer(#"{"total_slots":1}"#))
            let answer = try await client.readMessage()
            #expect(answer.status == 200 && answer.body == #"{"role":"router","total_slots":1}"#)
        }
    }
}
