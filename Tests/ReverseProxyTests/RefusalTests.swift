import LlamaServer
import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What the balancer answers itself", .timeLimit(.minutes(1)))
struct RefusalTests {
    // MARK: - Framing

    @Test(
        "what can't be read is answered with the reason, and ends the connection",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("GET / HTTP/1.1\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501), ("GET / HTTP/3.0\r\n\r\n", 505),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n", 431),
        ]
    )
    func unreadable(request: String, status: Int) async throws {
        try await withProxy { proxy in
            // A good request in front is answered first; one behind isn't, and can't be.
            let client = try await proxy.client(sending: HTTP.get("/health") + request + HTTP.get("/health"))
            #expect(try await client.readMessage().status == 200)
            let answer = try await client.readMessage()
            #expect(answer.status == status)
            #expect(answer["Connection"] == ["close"])
            #expect(answer.body.contains("RFC 9"))
            let rest = try await client.readToEnd()
            #expect(rest.text.isEmpty)
            #expect(rest.end == .finished)
        }
    }

    @Test(
        "a request that is never finished is answered 408, and what it held is free",
        arguments: ["GET /v1/models HT", "POST /completion HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc"]
    )
    func unfinished(request: String) async throws {
        try await withProxy {
            $0.proxy.timeouts.requestHead = .zero
            $0.proxy.timeouts.requestBody = .zero
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.get("/health"))
            #expect(try await client.readMessage().status == 200)
            try await client.send(request)
            let answer = try await client.readMessage()
            #expect(answer.status == 408)
            #expect(answer["Connection"] == ["close"])
            #expect(try await client.end() == .finished)
        }
    }

    @Test(
        "a client that is still sending can read why its request was refused",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("POST /completion HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n", 413),
            ("POST /completion HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1312D00\r\n", 413),
        ]
    )
    func lingering(head: String, status: Int) async throws {
        try await withProxy {
            $0.proxy.maximumBodyBytes = 1 << 20
        } _: { proxy in
            let client = try await proxy.connect()
            let sending = client.begin(sending: head + String(repeating: "x", count: 20_000_000))
            let answer = try await client.readMessage()
            #expect(answer.status == status)
            #expect(try await client.end() == .finished)
            try await sending.get()
            await client.close()
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }

    // MARK: - Limits

    @Test("a request that finds the queue full is told so, and may come back", arguments: [0, 1])
    func queueFull(limit: Int) async throws {
        try await withProxy {
            $0.scheduler.maximumQueued = limit
        } _: { proxy in
            let (first, upstream) = try await proxy.ask()
            let second = try await proxy.connect()
            if limit > 0 { try await second.send(HTTP.completion()) }
            try await proxy.until("full") { $0.queued == limit }

            let third = try await proxy.client(sending: HTTP.completion() + HTTP.get("/health"))
            let answer = try await third.readMessage()
            #expect(answer.status == 429)
            #expect(answer["Retry-After"] == ["1"])
            #expect(answer.body.contains("all 1 slots on 1 server are busy"))
            #expect(try await third.readMessage().body.contains("\"requests_buffered\":\(limit)"))

            try await upstream.send(HTTP.answer())
            #expect(try await first.readMessage().status == 200)
            guard limit > 0 else { return }
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            #expect(try await second.readMessage().status == 200)
        }
    }

    @Test("bodies are held up to a limit over all requests", arguments: [true, false])
    func tooManyBytes(isChunked: Bool) async throws {
        try await withProxy {
            $0.proxy.maximumBodyBytes = 1 << 20
            $0.proxy.maximumBufferedBytes = 1 << 20
        } _: { proxy in
            let held = 1_000_000
            let (first, upstream) = try await proxy.ask(HTTP.completion(String(repeating: "x", count: held)))
            let body = String(repeating: "y", count: 400_000)
            let second = try await proxy.client(
                sending: isChunked
                    ? "POST /completion HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + HTTP.chunk(body)
                    : HTTP.completion(body)
            )
            #expect(try await second.readMessage().status == 429)
            let bytes = try await proxy.load().bytes
            #expect((held..<held + 1000).contains(bytes))

            // From the first byte of the answer on the body is not needed any more.
            try await upstream.send(HTTP.eventStreamHead)
            _ = try await first.readHead()
            #expect(try await proxy.load().bytes == 0)
            try await upstream.send(HTTP.lastChunk)
            #expect(try await first.read(through: HTTP.lastChunk) == HTTP.lastChunk)
        }
    }

    @Test("a request that waits for too long is told how long, and for what", arguments: [[0], []])
    func waitedTooLong(slots: [Int]) async throws {
        try await withProxy(slots: slots) {
            $0.scheduler.queueTimeout = .zero
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.completion() + HTTP.get("/health"))
            #expect(try await client.readMessage().status == 504)
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test(
        "a refusal keeps the connection if all of the request is here already",
        arguments: ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
    )
    func smallBody(rest: String) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "POST /slots/0?action=erase HTTP/1.1\r\nHost: a\r\n\(rest)" + HTTP.get("/health")
            )
            #expect(try await client.readMessage().status == 403)
            #expect(try await client.readMessage().status == 200)
        }
    }

    // MARK: - Requests that go nowhere

    @Test("a tunnel is refused")
    func tunnel() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 0\r\n\r\n" + HTTP.get("/health")
            )
            #expect(try await client.readMessage().status == 501)
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test(
        "what belongs to one server is refused when there are several and none is named",
        arguments: ["POST /slots/0?action=save", "POST /props", "POST /models/load", "POST /models/unload"]
    )
    func singleServer(request: String) async throws {
        try await withProxy(slots: [1, 1]) {
            $0.proxy.openEndpoints = [.slots, .administration]
        } _: { proxy in
            let client = try await proxy.client(
                sending: "\(request) HTTP/1.1\r\nHost: a:1\r\nContent-Length: 0\r\n\r\n" + HTTP.get("/health")
            )
            let answer = try await client.readMessage()
            #expect(answer.status == 400)
            #expect(answer.body.contains("X-Paddler-Agent"))
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("and sent on when there is only one")
    func onlyServer() async throws {
        try await withProxy {
            $0.proxy.openEndpoints = [.slots]
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.get("/slots"))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().startLine == "GET /slots HTTP/1.1")
            try await upstream.send(HTTP.answer("[]"))
            #expect(try await client.readMessage().body == "[]")
        }
    }

    @Test("a request that occupies no slot needs none to be idle")
    func free() async throws {
        try await withProxy { proxy in
            let (busy, first) = try await proxy.ask()
            let (client, second) = try await proxy.ask(HTTP.get("/v1/models"))
            try await second.send(HTTP.answer("models"))
            #expect(try await client.readMessage().body == "models")
            #expect(try await proxy.load().leases == 1)
            try await first.send(HTTP.answer())
            #expect(try await busy.readMessage().status == 200)
        }
    }

    @Test("without a usable upstream it waits for one", arguments: ["/v1/models", "/props", "/tokenize"])
    func freeWaits(path: String) async throws {
        try await withProxy { proxy in
            let upstream = proxy.upstreams[0]
            proxy.report(upstream, slots: 1, .loading)
            let request = path == "/tokenize" ? HTTP.completion(path: path) : HTTP.get(path)
            let client = try await proxy.client(sending: request)
            let leaving = try await proxy.client(sending: request)
            try await proxy.until("waiting") { $0.waiting == 2 }
            await leaving.close()
            try await proxy.until("left") { $0.waiting == 1 }
            proxy.report(upstream, slots: 1)
            let connection = try await upstream.accept()
            _ = try await connection.readMessage()
            try await connection.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
        }
    }

    @Test("a request that could wait no longer for an upstream is refused", arguments: [true, false])
    func freeWithoutUpstream(isRegistered: Bool) async throws {
        try await withProxy(slots: isRegistered ? [1] : []) {
            $0.scheduler.slotlessTimeout = .zero
        } _: { proxy in
            for upstream in proxy.upstreams { proxy.report(upstream, slots: 1, .loading) }
            let client = try await proxy.client(sending: HTTP.get("/v1/models"))
            let answer = try await client.readMessage()
            #expect(answer.status == 503)
            #expect(answer.body.contains(isRegistered ? "none of the 1 server is ready" : "has registered"))
        }
    }

    @Test(
        "an upgrade to WebSocket is answered 426 at once, and the connection goes on",
        arguments: ["websocket", "WebSocket"]
    )
    func webSocket(spelling: String) async throws {
        try await withProxy(slots: []) { proxy in
            let fields = ["Connection: Upgrade", "Upgrade: \(spelling)", "Sec-WebSocket-Version: 13"]
            let client = try await proxy.client(
                sending: HTTP.get("/v1/responses", fields: fields) + HTTP.get("/health")
            )
            let answer = try await client.readMessage()
            #expect(answer.status == 426)
            #expect(answer["Upgrade"] == ["HTTP/1.1"])
            #expect(answer["Connection"] == ["Upgrade", "keep-alive"])
            #expect(try await client.readMessage().status == 200)
        }
    }

    // MARK: - Health

    @Test(
        "the balancer answers for its own health, whatever its slots do",
        arguments: [
            ("/health", 200), ("/health?fail_on_no_slot=1", 503), ("/health?a=b&fail_on_no_slot=x", 503),
            ("/health?fail_on_no_slot=", 200), ("/health?xfail_on_no_slot=1", 200), ("/health?", 200),
        ]
    )
    func health(path: String, statusWithoutSlot: Int) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: HTTP.get(path))
            let idle = try await client.readMessage()
            #expect(idle.status == 200)
            #expect(
                idle.body == #"{"status":"ok","slots_idle":1,"slots_processing":0,"slots_total":1,"upstreams":1,"#
                    + #""upstreams_usable":1,"requests_buffered":0}"#
            )
            let (busy, upstream) = try await proxy.ask()
            try await client.send(HTTP.get(path))
            #expect(try await client.readMessage().status == statusWithoutSlot)
            try await upstream.send(HTTP.answer())
            #expect(try await busy.readMessage().status == 200)
        }
    }

    @Test("HEAD gets no body")
    func healthHead() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n" + HTTP.get("/health")
            )
            #expect(try await client.readHead().status == 200)
            #expect(try await client.readMessage().status == 200)
        }
    }
}
