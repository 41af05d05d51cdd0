import NIOCore
import NIOEmbedded
import Testing

@testable import ReverseProxy

@Suite("What an upstream is sent", .timeLimit(.minutes(1)))
struct RequestTests {
    @Test("a request arrives as it was sent, host and key first, with what a proxy has to add at the end of its head")
    func sized() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "POST /v1/chat/completions?a=%20b HTTP/1.1\r\nHost: api.example:8080\r\nX-Odd:  a\tb \r\n"
                    + "content-LENGTH: 7\r\nX-Request-Id: mine\r\nAuthorization: Bearer k\r\n\r\n{\"a\":1}"
            )
            let upstream = try await proxy.upstreams[0].accept()
            let via = try await proxy.onLoop { String(decoding: $0.name.lines.http11, as: UTF8.self) }
            let expected =
                "POST /v1/chat/completions?a=%20b HTTP/1.1\r\nHost: api.example:8080\r\n"
                + "Authorization: Bearer k\r\nX-Odd:  a\tb \r\ncontent-LENGTH: 7\r\nX-Forwarded-For: 127.0.0.1\r\n"
                + "X-Forwarded-Proto: http\r\n\(via)X-Request-Id: mine\r\n\r\n{\"a\":1}"
            #expect(try await upstream.read(expected.utf8.count) == expected)
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().body == "hello")
        }
    }

    @Test("a chunked body arrives whole, with its length, and without its trailers")
    func chunked() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "POST /completion HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
                    + HTTP.chunk("{\"a\":") + HTTP.chunk("1}") + "0\r\nX-T: 1\r\n\r\n"
            )
            let upstream = try await proxy.upstreams[0].accept()
            let request = try await upstream.readMessage()
            #expect(request.body == "{\"a\":1}")
            #expect(request["Transfer-Encoding"].isEmpty)
            #expect(request["Trailer"].isEmpty)
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("a body larger than any receive buffer arrives unchanged", arguments: [true, false])
    func large(isChunked: Bool) async throws {
        let body = String((0..<3_000_000).map { Character(Unicode.Scalar(UInt8(0x61 + $0 % 26))) })
        try await withProxy { proxy in
            let client = try await proxy.connect()
            if isChunked {
                client.begin(
                    sending: "POST /completion HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + HTTP.chunk(body) + HTTP.lastChunk
                )
            } else {
                client.begin(sending: HTTP.completion(body))
            }
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().body == body)
            let bytes = try await proxy.load().bytes
            #expect((body.utf8.count..<body.utf8.count + 1000).contains(bytes))
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("pipelined requests are sent on one after the other, and answered in order")
    func pipelined() async throws {
        try await withProxy(slots: [2]) { proxy in
            let client = try await proxy.client(
                sending: HTTP.completion("one") + HTTP.get("/health") + HTTP.completion("two") + HTTP.get("/props")
            )
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().body == "one")
            #expect(try await proxy.load().leases == 1)
            try await upstream.send(HTTP.answer("first"))
            #expect(try await upstream.readMessage().body == "two")
            try await upstream.send(HTTP.answer("third"))
            #expect(try await upstream.readMessage().startLine == "GET /props HTTP/1.1")
            try await upstream.send(HTTP.answer("fourth"))

            #expect(try await client.readMessage().body == "first")
            #expect(try await client.readMessage().body.contains("\"status\":\"ok\""))
            #expect(try await client.readMessage().body == "third")
            #expect(try await client.readMessage().body == "fourth")
        }
    }

    @Test("a path that means nothing here goes to an upstream, even while all slots are busy")
    func otherPath() async throws {
        try await withProxy { proxy in
            let (busy, first) = try await proxy.ask()
            let client = try await proxy.client(sending: HTTP.get("/favicon.ico"))
            let second = try await proxy.upstreams[0].accept()
            #expect(try await second.readMessage().startLine == "GET /favicon.ico HTTP/1.1")
            try await second.send(HTTP.answer("none", status: "404 Not Found"))
            #expect(try await client.readMessage().body == "none")
            try await first.send(HTTP.answer())
            #expect(try await busy.readMessage().status == 200)
        }
    }

    @Test("fields of this hop end here, and the client's address is added to those before it")
    func hopByHop() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: HTTP.completion(
                    fields: [
                        "Connection: keep-alive, X-Secret, x-other", "X-Secret: 1", "Keep-Alive: timeout=5",
                        "TE: trailers",
                        "Upgrade: websocket", "Proxy-Connection: keep-alive", "X-Other: 2", "X-Kept: 3",
                        "X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 10.0.0.2", "X-Forwarded-Proto: https",
                    ]
                )
            )
            let upstream = try await proxy.upstreams[0].accept()
            let request = try await upstream.readMessage()
            #expect(
                request.lines.dropLast(2) == [
                    "Host: example", "Content-Length: 2", "X-Kept: 3", "X-Forwarded-Proto: https",
                    "X-Forwarded-For: 10.0.0.1, 10.0.0.2, 127.0.0.1",
                ]
            )
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("a request without an X-Request-Id, or with one unfit for a log, gets one", arguments: ["", "a b", "\u{e9}"])
    func identifier(given: String) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: HTTP.completion(fields: ["X-Request-Id: \(given)"]))
            let upstream = try await proxy.upstreams[0].accept()
            let sent = try await upstream.readMessage()["X-Request-Id"]
            #expect(sent.count == 1)
            #expect(sent.first?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            try await upstream.send(HTTP.answer(fields: ["X-Request-Id: theirs"]))
            #expect(try await client.readMessage()["X-Request-Id"] == sent)
        }
    }

    @Test(
        "the Host is the client's, unless the target names another or HTTP/1.0 left it out",
        arguments: [
            ("GET /props HTTP/1.1\r\nHost: a:1\r\n\r\n", "GET /props HTTP/1.1", "a:1"),
            ("GET http://b/props?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /props?q HTTP/1.1", "b"),
            ("GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?q HTTP/1.1", "b"),
            ("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1", "b"),
            ("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1", "b"),
            ("OPTIONS http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS / HTTP/1.1", "b"),
            ("GET /props HTTP/1.0\r\n\r\n", "GET /props HTTP/1.1", "localhost"),
        ]
    )
    func host(request: String, startLine: String, host: String) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: request)
            let upstream = try await proxy.upstreams[0].accept()
            let sent = try await upstream.readMessage()
            #expect(sent.startLine == startLine)
            #expect(sent["Host"] == [host])
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("what makes a generation outlive its client is passed on: it is found again", arguments: [1, 2])
    func conversation(upstreams: Int) async throws {
        try await withProxy(slots: Array(repeating: 1, count: upstreams)) { proxy in
            let client = try await proxy.client(sending: HTTP.completion(fields: ["X-Conversation-Id: c"]))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage()["X-Conversation-Id"] == ["c"])
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("a client that expects 100 Continue is told to continue, and its upstream hears nothing of it")
    func expectContinue() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "POST /completion HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            )
            #expect(try await client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("{}")
            let upstream = try await proxy.upstreams[0].accept()
            let request = try await upstream.readMessage()
            #expect(request["Expect"].isEmpty)
            #expect(request.body == "{}")
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }
}
