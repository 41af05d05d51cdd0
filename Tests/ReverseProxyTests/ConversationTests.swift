import LlamaServer
import LoopbackPorts
import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Answers that go on without their clients", .timeLimit(.minutes(1)))
struct ConversationTests {
    private static let body = #"{"stream":true}"#

    private static func completion(_ conversation: String, body: String = body) -> String {
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX-Conversation-Id: \(conversation)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func request(_ request: String, body: String = "") -> String {
        "\(request) HTTP/1.1\r\nHost: a\r\nAuthorization: k\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func entry(_ conversation: String) -> String {
        #"{"conversation_id":"\#(conversation)","is_done":true,"total_bytes":1,"started_at":1}"#
    }

    /// The second of two servers has had a conversation's answer.
    private func withHolder(_ body: (TestProxy) async throws -> Void) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let (busy, first) = try await proxy.ask()
            let client = try await proxy.client(sending: Self.completion("c-1"))
            let holder = try await proxy.upstreams[1].accept()
            #expect(try await holder.readMessage()["X-Conversation-Id"] == ["c-1"])
            try await holder.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
            await holder.close()
            try await first.send(HTTP.answer())
            #expect(try await busy.readMessage().status == 200)
            await first.close()
            try await proxy.until("no connections") { $0.pooled == 0 }
            try await body(proxy)
        }
    }

    /// All servers are asked whether they have an answer.
    private func answerLookups(_ proxy: TestProxy, _ conversation: String, with answers: [String?]) async throws {
        for (scripted, answer) in zip(proxy.upstreams, answers) {
            let upstream = try await scripted.accept()
            let question = try await upstream.readMessage()
            #expect(question.startLine == "POST /v1/streams/lookup HTTP/1.1")
            #expect(question["Authorization"] == ["k"])
            #expect(question.body == #"{"conversation_ids":["\#(conversation)"]}"#)
            if let answer { try await upstream.send(HTTP.answer(answer)) } else { await upstream.close() }
        }
    }

    @Test("are asked for at the server that has them", arguments: ["GET", "DELETE"])
    func resumed(method: String) async throws {
        try await withHolder { proxy in
            let client = try await proxy.client(sending: Self.request("\(method) /v1/stream?conv_id=c%2D1&from=0"))
            let upstream = try await proxy.upstreams[1].accept()
            #expect(try await upstream.readMessage().startLine == "\(method) /v1/stream?conv_id=c%2D1&from=0 HTTP/1.1")
            try await upstream.send(HTTP.answer("data: {}\n\n"))
            let answer = try await client.readMessage()
            #expect(answer.body == "data: {}\n\n")
            #expect(answer["X-Paddler-Upstream"] == ["\(proxy.upstreams[1].address)"])
        }
    }

    @Test("what isn't known here may be known to a server", arguments: [0, 1])
    func lookedUp(index: Int) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: Self.request("GET /v1/stream?conv_id=c"))
            var answers: [String?] = [nil, "[]"]
            answers[index] = "[\(Self.entry("c"))]"
            try await answerLookups(proxy, "c", with: answers)
            for last in [false, true] {
                // The second time it is known.
                if last { try await client.send(Self.request("GET /v1/stream?conv_id=c")) }
                let upstream = try await proxy.upstreams[index].accept()
                #expect(try await upstream.readMessage().startLine == "GET /v1/stream?conv_id=c HTTP/1.1")
                try await upstream.send(HTTP.answer("data: {}\n\n", fields: ["Connection: close"]))
                #expect(try await client.readMessage().body == "data: {}\n\n")
                await upstream.close()
            }
        }
    }

    @Test("what no server has is not found, or ended already", arguments: [("GET", 404), ("DELETE", 204)])
    func lost(method: String, status: Int) async throws {
        let loading = try ClosedPort()
        try await withHolder { proxy in
            let gone = proxy.upstreams[1].address
            proxy.dispatcher.agentLeft(AgentID(rawValue: "\(gone)"), .goodbye)
            proxy.report(NetworkAddress(host: "127.0.0.1", port: loading.port), slots: 1, .loading)
            let client = try await proxy.client(
                sending: Self.request("\(method) /v1/stream?conv_id=c-1") + HTTP.get("/health")
            )
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer("[]"))
            let answer = try await client.readMessage()
            #expect(answer.status == status)
            #expect(answer.body.isEmpty == (status == 204))
            #expect(answer.body.isEmpty || answer.body.contains(#""type":"not_found_error""#))
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("without an id, any server says what is missing")
    func noID() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let (client, upstream) = try await proxy.ask(Self.request("GET /v1/stream"))
            try await upstream.send(HTTP.answer("missing", status: "400 Bad Request"))
            #expect(try await client.readMessage().body == "missing")
        }
    }

    @Test("all servers list theirs, and where they are is known from then on")
    func listed() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let body = #"{"conversation_ids":["a","b"]}"#
            let client = try await proxy.client(sending: Self.request("POST /v1/streams/lookup", body: body))
            for (scripted, conversation) in zip(proxy.upstreams, ["a", "b"]) {
                let upstream = try await scripted.accept()
                #expect(try await upstream.readMessage().body == body)
                try await upstream.send(HTTP.answer("[\(Self.entry(conversation))]"))
            }
            #expect(try await client.readMessage().body == "[\(Self.entry("a")),\(Self.entry("b"))]")
            try await client.send(Self.request("DELETE /v1/stream?conv_id=b"))
            let upstream = try await proxy.upstreams[1].accept()
            #expect(try await upstream.readMessage().startLine == "DELETE /v1/stream?conv_id=b HTTP/1.1")
            try await upstream.send("HTTP/1.1 204 No Content\r\n\r\n")
            #expect(try await client.readMessage().status == 204)
        }
    }

    @Test("what all servers take for a mistake is one", arguments: [true, false])
    func mistake(answers: Bool) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: Self.request("POST /v1/streams/lookup", body: "x"))
            for scripted in proxy.upstreams {
                let upstream = try await scripted.accept()
                _ = try await upstream.readMessage()
                if answers {
                    try await upstream.send(HTTP.answer("invalid", status: "400 Bad Request"))
                } else {
                    await upstream.close()
                }
            }
            let answer = try await client.readMessage()
            #expect(answer.status == (answers ? 400 : 502))
            #expect(answer.body == "invalid" || !answers)
        }
    }

    @Test("a running answer is steered by its id at whichever server runs it", arguments: [0, 1, 2])
    func steered(index: Int) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let body = #"{"id":"chatcmpl-1","action":"reasoning_end"}"#
            let client = try await proxy.client(
                sending: Self.request("POST /v1/chat/completions/control", body: body)
            )
            var upstreams: [RawConnection] = []
            for scripted in proxy.upstreams {
                upstreams.append(try await scripted.accept())
                #expect(try await upstreams.last?.readMessage().body == body)
            }
            // Nobody waits for the others.
            for (place, upstream) in upstreams.enumerated() where index == 2 || place == index {
                try await upstream.send(HTTP.answer(place == index ? #"{"success":true}"# : #"{"success":false}"#))
            }
            #expect(try await client.readMessage().body == #"{"success":\#(index < 2)}"#)
        }
    }

    @Test("an id too long to be found again is passed on to an only server alone", arguments: [1, 2])
    func longID(upstreams: Int) async throws {
        try await withProxy(slots: Array(repeating: 1, count: upstreams)) { proxy in
            let id = String(repeating: "c", count: 257)
            let client = try await proxy.client(sending: Self.completion(id))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage()["X-Conversation-Id"] == (upstreams == 1 ? [id] : []))
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test(
        "their slots stay counted when the client leaves; the end of whole ones is waited for",
        arguments: [true, false]
    )
    func clientLeft(isStream: Bool) async throws {
        try await withProxy { proxy in
            let body = isStream ? Self.body : "{}"
            let client = try await proxy.client(sending: Self.completion("c", body: body))
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            await client.close()
            try await proxy.until("left") { $0.clients == 0 }
            if !isStream {
                #expect(try await proxy.load().leases == 1)
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
                await upstream.close()
            }
            try await proxy.until("given back") { $0.leases == 0 }
            #expect(proxy.dispatcher.snapshot().upstreams[0].slotsCooling == (isStream ? 1 : 0))
        }
    }
}
