import AccessControl
import LlamaServer
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Clients are told which server answered, and why", .timeLimit(.minutes(1)))
struct ChoiceTests {
    private static let body = #"{"prompt":"\#(String(repeating: "Tell me what was said. ", count: 40))"}"#

    @Test(
        "who asks for it, and nobody else, and no upstream hears of it",
        arguments: [
            ([], false), (["X-Paddler-Explain: 0"], false), (["X-Paddler-Explain: False"], false),
            (["X-Paddler-Explain:"], false), (["X-Paddler-Explain: 1"], true), (["x-paddler-explain: yes"], true),
        ] as [([String], Bool)],
        [false, true]
    )
    func asked(asking: (fields: [String], isAsked: Bool), isConfigured: Bool) async throws {
        let (fields, isAsked) = asking
        try await withProxy(slots: [1, 1]) {
            $0.proxy.explainsAnswers = isConfigured
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.completion(fields: fields))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage()["X-Paddler-Explain"].isEmpty)
            // What a server, or a balancer behind this one, says of its own is replaced.
            try await upstream.send(
                HTTP.answer(fields: ["X-Paddler-Upstream: inner", "X-Paddler-Reason: inner"])
            )
            let answer = try await client.readMessage()
            let isTold = isAsked || isConfigured
            #expect(answer["X-Paddler-Upstream"] == [isTold ? "\(proxy.upstreams[0].address)" : "inner"])
            #expect(answer["X-Paddler-Reason"] == [isTold ? "least-busy" : "inner"])
            #expect(answer["Access-Control-Expose-Headers"].isEmpty)
        }
    }

    @Test("the second turn is told how much of it lies there, and the same was said beforehand")
    func prompt() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let asked = AskedRequest(path: "/v1/completions", body: Array(Self.body.utf8))
            var reasons: [String] = []
            for _ in 0..<2 {
                guard case .dispatch(_, let choice)? = proxy.dispatcher.explain(asked, of: Asker(), limit: 1)?.outcome
                else {
                    Issue.record("it isn't sent")
                    return
                }
                let client = try await proxy.client(
                    sending: HTTP.completion(
                        Self.body,
                        fields: ["X-Paddler-Explain: 1"],
                        path: "/v1/completions"
                    )
                )
                let upstream = try await proxy.upstreams[0].accept()
                _ = try await upstream.readMessage()
                try await upstream.send(HTTP.answer(fields: ["Connection: close"]))
                let reason = try await client.readMessage()["X-Paddler-Reason"]
                #expect(reason == ["\(choice)"])
                reasons += reason
            }
            #expect(reasons.first == "least-busy")
            #expect(reasons.last?.hasPrefix("prompt;cached=768;of=") == true, "\(reasons)")
        }
    }

    @Test("a page of another site is let read it")
    func page() async throws {
        try await withProxy { proxy in
            let fields = ["X-Paddler-Explain: 1", "Origin: http://page.example"]
            let (client, upstream) = try await proxy.ask(HTTP.completion(fields: fields))
            try await upstream.send(HTTP.answer())
            let answer = try await client.readMessage()
            #expect(answer["X-Paddler-Reason"] == ["only"])
            #expect(answer["Access-Control-Expose-Headers"] == ["X-Paddler-Upstream, X-Paddler-Reason"])
        }
    }

    @Test("it stands in the last head of several, and in one without a body")
    func heads() async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(fields: ["X-Paddler-Explain: 1"]))
            try await upstream.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HTTP.answer())
            let hints = try await client.read(through: "\r\n\r\n")
            #expect(!hints.contains("X-Paddler"))
            #expect(try await client.readMessage()["X-Paddler-Reason"] == ["least-busy"])
            let asking = try await proxy.client(
                sending: "HEAD /v1/models/a HTTP/1.1\r\nHost: a\r\nX-Paddler-Explain: 1\r\n\r\n"
            )
            _ = try await upstream.readMessage()
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
            #expect(try await asking.readHead()["X-Paddler-Reason"] == ["least-busy"])
        }
    }

    @Test("who names a server is told so, without a slot, too", arguments: ["/v1/completions", "/tokenize"])
    func named(path: String) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let address = proxy.upstreams[1].address
            let client = try await proxy.client(
                sending: HTTP.completion(
                    fields: ["X-Paddler-Explain: 1", "X-Paddler-Agent: \(address)"],
                    path: path
                )
            )
            let upstream = try await proxy.upstreams[1].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            let answer = try await client.readMessage()
            #expect(answer["X-Paddler-Upstream"] == ["\(address)"])
            #expect(answer["X-Paddler-Reason"] == ["named"])
        }
    }

    @Test("what is refused is told as its client would be")
    func refused() async throws {
        try await withProxy(slots: [1]) {
            $0.scheduler.maximumQueued = 0
        } _: { proxy in
            let unknown = AskedRequest(path: "/v1/completions", body: [], agent: "nobody")
            guard case .refused(404, let message)? = proxy.dispatcher.explain(unknown, of: Asker(), limit: 1)?.outcome
            else {
                Issue.record("it is let through")
                return
            }
            #expect(message.hasPrefix("no agent goes by 'nobody'"))
            let (busy, upstream) = try await proxy.ask()
            let asked = AskedRequest(path: "/v1/completions", body: [])
            let client = try await proxy.client(sending: HTTP.completion())
            let answer = try await client.readMessage()
            guard
                case .refused(let status, let words)? = proxy.dispatcher.explain(asked, of: Asker(), limit: 1)?.outcome
            else {
                Issue.record("it is let through")
                return
            }
            #expect(status == answer.status)
            #expect(answer.body.contains(words))
            #expect(proxy.dispatcher.explain(AskedRequest(path: "/tokenize", body: []), of: Asker(), limit: 1) == nil)
            try await upstream.send(HTTP.answer())
            #expect(try await busy.readMessage().status == 200)
        }
    }
}
