import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What a client is answered", .timeLimit(.minutes(1)))
struct AnswerTests {
    @Test("an answer arrives as it was sent, with its request's identifier at the end of its head")
    func unchanged() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(fields: ["X-Request-Id: mine"]))
            try await upstream.send(
                "HTTP/1.1 418 I'm a  teapot\r\nServer: llama.cpp\r\nX-Odd:  a \r\nKeep-Alive: timeout=5, max=100\r\n"
                    + "Connection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\n{}"
            )
            let expected =
                "HTTP/1.1 418 I'm a  teapot\r\nServer: llama.cpp\r\nX-Odd:  a \r\nContent-Length: 2\r\n"
                + "X-Request-Id: mine\r\nConnection: keep-alive\r\nKeep-Alive: timeout=600\r\n\r\n{}"
            #expect(try await client.read(expected.utf8.count) == expected)
        }
    }

    @Test("chunks, their extensions and trailers arrive as they were sent")
    func chunked() async throws {
        let body = HTTP.chunk("data: 1\n\n") + "1;x=y\r\n2\r\n" + "0\r\nX-T: 1\r\n\r\n"
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead)
            #expect(try await client.readHead()["Transfer-Encoding"] == ["chunked"])
            try await upstream.send(body)
            #expect(try await client.read(body.utf8.count) == body)
        }
    }

    @Test("an answer may take longer than requests may wait")
    func longerThanTheQueue() async throws {
        try await withProxy {
            $0.scheduler.queueTimeout = .milliseconds(50)
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.read(through: "data: 1")
            // Who came later has waited all of that time.
            let later = try await proxy.client(sending: HTTP.completion())
            #expect(try await later.readMessage().status == 504)
            try await upstream.send(HTTP.chunk("data: 2\n\n") + HTTP.lastChunk)
            #expect(try await client.read(through: HTTP.lastChunk).contains("data: 2"))
        }
    }

    @Test("an answer that comes byte by byte arrives the same")
    func byteByByte() async throws {
        try await withProxy({ $0.proxy.timeouts.upstreamRest = .zero }) { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion() + HTTP.get("/props"))
            let body = HTTP.chunk("data: 1\n\n") + HTTP.lastChunk
            for byte in HTTP.eventStreamHead + body { try await upstream.send(String(byte)) }
            #expect(try await client.readMessage().body == body)
            _ = try await upstream.readMessage()
            for byte in HTTP.answer("props") { try await upstream.send(String(byte)) }
            #expect(try await client.readMessage().body == "props")
        }
    }

    @Test(
        "an answer without a body ends with its head, whatever its fields say, and the next one follows",
        arguments: [
            ("HEAD /props", "200 OK", ["Content-Length: 9"]), ("HEAD /props", "200 OK", ["Transfer-Encoding: chunked"]),
            ("OPTIONS /completion", "204 No Content", []), ("GET /props", "304 Not Modified", ["Content-Length: 9"]),
            ("OPTIONS *", "200 OK", ["Content-Length: 0"]),
        ]
    )
    func withoutBody(request: String, status: String, fields: [String]) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "\(request) HTTP/1.1\r\nHost: a\r\n\r\n" + HTTP.get("/props")
            )
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().startLine == "\(request) HTTP/1.1")
            let head = (["HTTP/1.1 \(status)"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
            try await upstream.send(head)
            let answer = try await client.readHead()
            #expect(answer.startLine == "HTTP/1.1 \(status)")
            #expect(answer.lines.dropLast(3) == fields[...])
            #expect(answer.lines.suffix(2) == ["Connection: keep-alive", "Keep-Alive: timeout=600"])
            #expect(try await upstream.readMessage().startLine == "GET /props HTTP/1.1")
            try await upstream.send(HTTP.answer("next"))
            #expect(try await client.readMessage().body == "next")
        }
    }

    @Test("interim answers are passed on, but for those that say what the client knows, and HTTP/1.0 gets none")
    func interim() async throws {
        try await withProxy { proxy in
            for version in ["HTTP/1.1", "HTTP/1.0"] {
                let (client, upstream) = try await proxy.ask(HTTP.completion().replacing("HTTP/1.1", with: version))
                try await upstream.send(
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
                        + "HTTP/1.1 103 Early Hints\r\nConnection: X\r\nX: 1\r\nLink: a\r\n\r\nHTTP/1.1 2"
                )
                try await upstream.send("00 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                if version == "HTTP/1.1" {
                    #expect(try await client.readHead().startLine == "HTTP/1.1 102 Processing")
                    let hints = try await client.readHead()
                    #expect(hints.startLine == "HTTP/1.1 103 Early Hints")
                    #expect(hints.lines == ["Link: a"])
                }
                let answer = try await client.readMessage()
                #expect(answer.status == 200)
                #expect(answer.body == "ok")
            }
        }
    }

    @Test("interim answers without end are given up, whatever their size", arguments: [0, 2000])
    func endlessInterim(bytes: Int) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            let head = "HTTP/1.1 103 Early Hints\r\nX: \(String(repeating: "x", count: bytes))\r\n\r\n"
            upstream.begin(sending: String(repeating: head, count: 1000))
            var answer = try await client.readHead()
            while answer.status == 103 { answer = try await client.readHead() }
            #expect(answer.status == 502)
        }
    }

    @Test("after an answer in chunks, which llama-server ends its connection with, the next request has another one")
    func afterChunks() async throws {
        try await withProxy({ $0.proxy.timeouts.upstreamRest = .seconds(3600) }) { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion() + HTTP.get("/props") + HTTP.get("/props"))
            try await upstream.send(HTTP.eventStreamHead + HTTP.lastChunk)
            #expect(try await client.readMessage().status == 200)
            let other = try await proxy.upstreams[0].accept()
            for _ in 0..<2 {
                _ = try await other.readMessage()
                try await other.send(HTTP.answer())
                #expect(try await client.readMessage().status == 200)
            }
        }
    }

    // MARK: - HTTP/1.0

    @Test("an HTTP/1.0 client gets the payload without its chunks, and then the end of its connection")
    func http10() async throws {
        try await withProxy({ $0.proxy.timeouts.upstreamRest = .zero }) { proxy in
            let client = try await proxy.client(
                sending: "POST /completion HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"
            )
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            let head = try await client.readHead()
            #expect(head["Transfer-Encoding"].isEmpty)
            #expect(head["Connection"] == ["close"])
            #expect(try await client.read(9) == "data: 1\n\n")
            try await upstream.send(HTTP.chunk("data: 2\n\n") + HTTP.lastChunk)
            let rest = try await client.readToEnd()
            #expect(rest.text == "data: 2\n\n")
            #expect(rest.end == .finished)
            await client.close()

            // The chunks were followed to their end, so the connection serves the next client.
            let next = try await proxy.client(sending: HTTP.get("/props"))
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            #expect(try await next.readMessage().status == 200)
        }
    }

    @Test("an HTTP/1.0 client keeps its connection if it asks for it and the answer has a length")
    func http10KeepAlive() async throws {
        try await withProxy { proxy in
            let client = try await proxy.connect()
            for _ in 0..<2 {
                try await client.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try await client.readMessage()["Connection"] == ["keep-alive"])
            }
            try await client.send("GET /health HTTP/1.0\r\n\r\n")
            #expect(try await client.readMessage()["Connection"] == ["close"])
            #expect(try await client.end() == .finished)
        }
    }

    @Test("an HTTP/1.0 client is never told of chunks, not even in answer to HEAD")
    func http10Head() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask("HEAD /props HTTP/1.0\r\n\r\n")
            try await upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(try await client.readHead()["Transfer-Encoding"].isEmpty)
        }
    }

    // MARK: - Connections

    @Test("a client that asks for the end of its connection gets it behind its answer")
    func clientCloses() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: HTTP.completion(fields: ["Connection: close"]))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage()["Connection"].isEmpty)
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage()["Connection"] == ["close"])
            #expect(try await client.end() == .finished)
        }
    }

    @Test("a connection to an upstream serves one client after the other")
    func reuse() async throws {
        try await withProxy { proxy in
            var client = try await proxy.client(sending: HTTP.completion("0"))
            let upstream = try await proxy.upstreams[0].accept()
            for number in 0..<3 {
                #expect(try await upstream.readMessage().body == "\(number)")
                try await upstream.send(HTTP.answer("\(number)"))
                #expect(try await client.readMessage().body == "\(number)")
                client = try await proxy.client(sending: HTTP.completion("\(number + 1)"))
            }
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
        }
    }

    @Test(
        "a connection that its upstream closes, or whose answer has no length, is not used again",
        arguments: [
            ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false),
            ("HTTP/1.1 200 OK\r\n\r\nok", true),
        ]
    )
    func upstreamCloses(answer: String, endsWithConnection: Bool) async throws {
        try await withProxy { proxy in
            let (client, first) = try await proxy.ask()
            try await first.send(answer)
            if endsWithConnection { await first.close() }
            let head = try await client.readHead()
            #expect(head["Connection"] == [endsWithConnection ? "close" : "keep-alive"])
            #expect(try await client.read(2) == "ok")
            if endsWithConnection { #expect(try await client.end() == .finished) }
            if !endsWithConnection { #expect(try await first.end() == .finished) }

            let (next, second) = try await proxy.ask()
            try await second.send(HTTP.answer())
            #expect(try await next.readMessage().status == 200)
        }
    }

    @Test("an answer that ends the connection survives what its client sends behind it")
    func sendingOn() async throws {
        try await withProxy { proxy in
            let client = try await proxy.connect()
            let more = HTTP.completion(String(repeating: "x", count: 20_000_000))
            let sending = client.begin(sending: HTTP.completion() + more)
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send("HTTP/1.1 200 OK\r\n\r\nok")
            await upstream.close()
            let answer = try await client.readToEnd()
            #expect(answer.text.hasSuffix("\r\n\r\nok"))
            #expect(answer.end == .finished)
            try await sending.get()
            await client.close()
        }
    }

    @Test("what an upstream sends behind the end of an answer reaches nobody", arguments: ["HTTP/1.1 200 OK\r\n", "x"])
    func leftover(leftover: String) async throws {
        try await withProxy { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion() + HTTP.completion())
            try await first.send(HTTP.answer("first") + leftover)
            #expect(try await client.readMessage().body == "first")
            let second = try await proxy.upstreams[0].accept()
            _ = try await second.readMessage()
            try await second.send(HTTP.answer("second"))
            #expect(try await client.readMessage().body == "second")
        }
    }

    @Test("a request that is answered before all of it was sent takes its connection along")
    func earlyAnswer() async throws {
        try await withProxy {
            $0.upstreamsRead = false
        } _: { proxy in
            let client = try await proxy.connect()
            let sending = client.begin(sending: HTTP.completion(String(repeating: "x", count: 40_000_000)))
            let first = try await proxy.upstreams[0].accept()
            try await sending.get()
            try await first.send(HTTP.answer("too long", status: "413 Content Too Large"))
            #expect(try await client.readMessage().body == "too long")
            try await client.send(HTTP.completion("next"))
            let second = try await proxy.upstreams[0].accept()
            try await second.resumeReading()
            #expect(try await second.readMessage().body == "next")
            try await second.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }
}
