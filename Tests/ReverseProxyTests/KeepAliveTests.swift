import LlamaServer
import NIOCore
import Testing

@testable import ReverseProxy

@Suite("Comments for those who wait", .timeLimit(.minutes(1)))
struct KeepAliveTests {
    private static let comment = ": the request is in hand\n\n"
    private static let ask = #"{"stream":true}"#

    private func withWaitingProxy(slots: [Int] = [1], _ body: (TestProxy) async throws -> Void) async throws {
        try await withProxy(slots: slots) {
            $0.proxy.keepAliveAfter = .seconds(10)
        } _: { proxy in
            try await body(proxy)
        }
    }

    /// A client whose request waits in the queue, and has been told so twice.
    private func waiting(_ proxy: TestProxy, _ request: String = HTTP.completion(ask)) async throws -> RawConnection {
        let client = try await proxy.client(sending: request)
        try await proxy.until("queued") { $0.queued == 1 }
        try await proxy.pass(.seconds(9))
        try await proxy.pass(.seconds(11))
        let head = try await client.readHead()
        #expect(head.status == 200)
        #expect(head["Content-Type"] == ["text/event-stream"])
        #expect(head["X-Request-Id"].count == 1)
        try await proxy.pass(.seconds(20))
        try await proxy.pass(.seconds(22))
        let comments = HTTP.chunk(Self.comment) + HTTP.chunk(Self.comment)
        #expect(try await client.read(comments.utf8.count) == comments)
        return client
    }

    /// A client whose request runs, and has been told so once.
    private func commented(_ proxy: TestProxy) async throws -> (RawConnection, upstream: RawConnection) {
        let (client, upstream) = try await proxy.ask(HTTP.completion(Self.ask))
        try await proxy.pass(.seconds(11))
        _ = try await client.readHead()
        #expect(try await client.read(through: "\n\n\r\n") == HTTP.chunk(Self.comment))
        return (client, upstream)
    }

    /// A first upstream, which has read the request that waits.
    private func comes(to proxy: TestProxy) async throws -> (ScriptedUpstream, RawConnection) {
        let upstream = try await ScriptedUpstream.start()
        proxy.report(upstream, slots: 1)
        let connection = try await upstream.accept()
        _ = try await connection.readMessage()
        return (upstream, connection)
    }

    @Test("a request that waits for a slot: its answer goes on behind the comments, and the connection with it")
    func queued() async throws {
        try await withWaitingProxy(slots: []) { proxy in
            let client = try await waiting(proxy)
            let (upstream, connection) = try await comes(to: proxy)
            let events = HTTP.chunk("data: 1\n\n") + HTTP.chunk("data: [DONE]\n\n") + HTTP.lastChunk
            try await connection.send(HTTP.eventStreamHead + events)
            #expect(try await client.read(through: HTTP.lastChunk) == events)
            try await client.send(HTTP.get("/health"))
            #expect(try await client.readMessage().status == 200)
            try await proxy.until("free") { $0.leases == 0 }
            try await upstream.stop()
        }
    }

    @Test("a stream in another framing is put into chunks")
    func otherFraming() async throws {
        try await withWaitingProxy(slots: []) { proxy in
            let client = try await waiting(proxy)
            let (upstream, connection) = try await comes(to: proxy)
            try await connection.send(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: 1\n\n"
            )
            #expect(
                try await client.read(through: HTTP.lastChunk) == HTTP.chunk("data: 1\n\n") + HTTP.lastChunk
            )
            try await upstream.stop()
        }
    }

    @Test(
        "a server's error becomes an event in the endpoint's dialect",
        arguments: [
            (
                "/v1/chat/completions",
                "data: {\"error\":{\"code\":400,\"message\":\"too long\",\"type\":\"exceed\"}}\n\n"
            ),
            (
                "/v1/messages",
                "event: error\ndata: {\"type\":\"error\",\"error\":"
                    + "{\"code\":400,\"message\":\"too long\",\"type\":\"exceed\"}}\n\n"
            ),
        ]
    )
    func upstreamError(path: String, event: String) async throws {
        try await withWaitingProxy(slots: []) { proxy in
            let client = try await waiting(proxy, HTTP.completion(Self.ask, path: path))
            let (upstream, connection) = try await comes(to: proxy)
            let error = #"{"error":{"code":400,"message":"too long","type":"exceed"}}"#
            try await connection.send(HTTP.answer(error, status: "400 Bad Request"))
            #expect(try await client.read(through: HTTP.lastChunk) == HTTP.chunk(event) + HTTP.lastChunk)
            try await client.send(HTTP.get("/health"))
            #expect(try await client.readMessage().status == 200)
            try await upstream.stop()
        }
    }

    @Test("an answer that is no stream becomes an event")
    func noStream() async throws {
        try await withWaitingProxy(slots: []) { proxy in
            let client = try await waiting(proxy)
            let (upstream, connection) = try await comes(to: proxy)
            try await connection.send(HTTP.answer("{\"a\":\n1}"))
            #expect(
                try await client.read(through: HTTP.lastChunk)
                    == HTTP.chunk("data: {\"a\":\ndata: 1}\n\n") + HTTP.lastChunk
            )
            try await upstream.stop()
        }
    }

    @Test("an answer too long for an event is not passed on in part")
    func tooLong() async throws {
        try await withWaitingProxy { proxy in
            let (client, upstream) = try await commented(proxy)
            upstream.begin(sending: HTTP.answer(String(repeating: "x", count: 2 << 20)))
            let rest = try await client.readToEnd().text
            #expect(rest.contains(#"data: {"error":{"code":502"#))
            #expect(!rest.contains("xxx"))
            #expect(!rest.contains(HTTP.lastChunk))
        }
    }

    @Test("our own refusal becomes an event, too")
    func refusal() async throws {
        try await withWaitingProxy(slots: []) { proxy in
            let client = try await waiting(proxy)
            proxy.dispatcher.rejectAll()
            let rest = try await client.read(through: HTTP.lastChunk)
            #expect(rest.contains(#"data: {"error":{"code":503,"message":"the balancer is shutting down""#))
            try await client.send(HTTP.get("/health"))
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("a server that computes a long prompt, or pauses in its stream: comments between events, none within")
    func silentUpstream() async throws {
        try await withWaitingProxy { proxy in
            let (client, upstream) = try await commented(proxy)

            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            #expect(try await client.read(through: "\n\n\r\n") == HTTP.chunk("data: 1\n\n"))
            try await proxy.pass(.seconds(22))
            #expect(try await client.read(through: "\n\n\r\n") == HTTP.chunk(Self.comment))

            try await upstream.send(HTTP.chunk("data: 2") + "9\r\n\n\nda")
            #expect(try await client.read(through: "\n\nda") == HTTP.chunk("data: 2") + "9\r\n\n\nda")
            try await proxy.pass(.seconds(33))
            let end = "ta: 3\r\n" + HTTP.chunk("\n\n") + HTTP.lastChunk
            try await upstream.send(end)
            #expect(try await client.read(through: HTTP.lastChunk) == end)
        }
    }

    @Test("a stream that something in between has compressed gets no comments")
    func compressed() async throws {
        try await withWaitingProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(Self.ask))
            let head = HTTP.eventStreamHead.replacing("\r\n\r\n", with: "\r\nContent-Encoding: gzip\r\n\r\n")
            try await upstream.send(head + HTTP.chunk("compressed\n\n"))
            _ = try await client.readHead()
            #expect(try await client.read(through: "\n\n\r\n") == HTTP.chunk("compressed\n\n"))
            try await proxy.pass(.seconds(22))
            try await upstream.send(HTTP.lastChunk)
            #expect(try await client.read(through: HTTP.lastChunk) == HTTP.lastChunk)
        }
    }

    @Test("a stream that was cut after our own beginning: an error event, and no clean end")
    func cut() async throws {
        try await withWaitingProxy { proxy in
            let (client, upstream) = try await commented(proxy)
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\n")
            try await upstream.send("data: 1\n\n")
            #expect(try await client.read(through: "\n\n\r\n") == HTTP.chunk("data: 1\n\n"))
            await upstream.close()
            let rest = try await client.readToEnd()
            #expect(rest.text.contains(#"data: {"error":{"code":502"#))
            #expect(!rest.text.contains(HTTP.lastChunk))
        }
    }

    @Test("HTTP/1.0 has no chunks")
    func http10() async throws {
        try await withWaitingProxy { proxy in
            let request = HTTP.completion(Self.ask).replacing("HTTP/1.1", with: "HTTP/1.0")
            let (client, upstream) = try await proxy.ask(request)
            try await proxy.pass(.seconds(11))
            let head = try await client.readHead()
            #expect(head["Connection"] == ["close"])
            #expect(head["Transfer-Encoding"].isEmpty)
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n") + HTTP.lastChunk)
            let rest = try await client.readToEnd()
            #expect(rest.text == Self.comment + "data: 1\n\n")
            #expect(rest.end == .finished)
        }
    }

    @Test(
        "who didn't ask for a stream, or asked an endpoint that has none, gets nothing ahead of the answer",
        arguments: [
            HTTP.completion("{}"), HTTP.completion(#"{"stream":false}"#),
            HTTP.completion(#"{"prompt":"\"stream\":true"}"#),
            HTTP.completion(ask, path: "/v1/embeddings"), HTTP.completion(ask, path: "/v1/rerank"),
        ]
    )
    func notAsked(request: String) async throws {
        try await withWaitingProxy { proxy in
            let (client, upstream) = try await proxy.ask(request)
            try await proxy.pass(.seconds(100))
            try await upstream.send(HTTP.answer("hello"))
            let answer = try await client.readMessage()
            #expect(answer.status == 200)
            #expect(answer.body == "hello")
        }
    }

    @Test("a request that was told to wait is tried again elsewhere as any other")
    func retried() async throws {
        try await withWaitingProxy(slots: [1, 1]) { proxy in
            let (client, first) = try await commented(proxy)
            try await first.send(HTTP.answer("", status: "503 Service Unavailable"))
            let second = try await proxy.upstreams[1].accept()
            _ = try await second.readMessage()
            let events = HTTP.chunk("data: 1\n\n") + HTTP.lastChunk
            try await second.send(HTTP.eventStreamHead + events)
            #expect(try await client.read(through: HTTP.lastChunk) == events)
        }
    }
}
