import FleetMetrics
import NIOCore
import Scheduling
import TestCertificates
import Testing
import TransportSecurity

@testable import ReverseProxy

@Suite("Clients that speak HTTP/2", .timeLimit(.minutes(1)))
struct HTTP2Tests {
    // MARK: - What is served

    @Test("requests are served, and their servers see HTTP/1.1")
    func answered() async throws {
        try await withHTTP2 { proxy, peer in
            try await peer.complete("one", fields: [("x-mine", "1"), ("cookie", "a=1"), ("cookie", "b=2")])
            let upstream = try await proxy.upstreams[0].accept()
            let request = try await upstream.readMessage()
            #expect(request.startLine == "POST /v1/chat/completions HTTP/1.1")
            #expect(request.body == "one" && request["Host"] == ["example"] && request["X-Mine"] == ["1"])
            #expect(request["Cookie"] == ["a=1; b=2"] && request["Content-Length"] == ["3"])
            #expect(request["X-Forwarded-For"] == ["127.0.0.1"] && request["X-Forwarded-Proto"] == ["http"])
            #expect(request["Via"].first?.hasPrefix("2.0 paddler-") == true)
            try await upstream.send(HTTP.answer("1", fields: ["X-Server: A", "Connection: keep-alive"]))
            let answer = try await peer.answer()
            #expect(answer.status == 200 && answer.body == "1" && answer.end == .whole)
            #expect(answer["x-server"] == ["A"] && answer["connection"].isEmpty && answer["keep-alive"].isEmpty)
            #expect(answer["content-length"] == ["1"] && answer["x-request-id"].count == 1)
            // The next one on the same connection, and over the same one to the server.
            try await peer.complete("two", on: 3)
            #expect(try await upstream.readMessage().body == "two")
            try await upstream.send(HTTP.answer("2"))
            #expect(try await peer.answer(on: 3).body == "2")
            let metrics = await proxy.server.metrics()
            #expect(metrics.clientsAccepted == 1 && metrics.clientsConnected == 1 && metrics.http2Connections == 1)
        }
    }

    @Test("a stream comes as its server sends it, with its trailers")
    func stream() async throws {
        try await withHTTP2 { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            try await upstream.send(HTTP.eventStreamHead)
            for number in 1...3 {
                try await upstream.send(HTTP.chunk("data: \(number)\n\n"))
                let soFar = (1...number).map { "data: \($0)\n\n" }.joined()
                #expect(try await peer.answer { $0.body == soFar }.end == nil)
            }
            try await upstream.send("0\r\nX-Sum: 3\r\n\r\n")
            let answer = try await peer.answer()
            #expect(answer.end == .whole && answer.trailers.map(\.name) == ["x-sum"])
            #expect(answer["transfer-encoding"].isEmpty)
        }
    }

    @Test("an answer that ends with its connection is whole when that ends")
    func untilClose() async throws {
        try await withHTTP2 { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            try await upstream.send("HTTP/1.1 200 OK\r\n\r\nhello")
            _ = try await peer.answer { $0.body == "hello" }
            await upstream.close()
            #expect(try await peer.answer().end == .whole)
        }
    }

    @Test("many streams at one time, answered in another order")
    func many() async throws {
        try await withHTTP2(slots: [50]) { proxy, peer in
            var upstreams: [(body: String, connection: RawConnection)] = []
            for number in 0..<50 {
                let (request, upstream) = try await proxy.ask(peer, "\(number)", on: 2 * number + 1)
                upstreams.append((request.body, upstream))
            }
            for (body, upstream) in upstreams.reversed() { try await upstream.send(HTTP.answer("answer \(body)")) }
            for number in 0..<50 {
                #expect(try await peer.answer(on: 2 * number + 1).body == "answer \(number)")
            }
        }
    }

    @Test("a body without a length goes on in one piece, its trailers aside")
    func bodyWithoutLength() async throws {
        try await withHTTP2 { proxy, peer in
            let fields = HTTP2Peer.pseudoFields("POST", "/completion")
            try await peer.send(HTTP2Peer.headers(fields, on: 1, ends: false), .data("{\"a\"", on: 1))
            try await peer.send(.data(on: 1), .data(":1}", on: 1), HTTP2Peer.headers([("x-sum", "1")], on: 1))
            let upstream = try await proxy.upstreams[0].accept()
            let request = try await upstream.readMessage()
            #expect(request.body == "{\"a\":1}" && request["Content-Length"] == ["7"])
            #expect(request["Transfer-Encoding"].isEmpty && request["X-Sum"].isEmpty)
            try await upstream.send(HTTP.answer())
            #expect(try await peer.answer().status == 200)
        }
    }

    @Test("large bodies go both ways")
    func large() async throws {
        let body = String(repeating: "0123456789abcdef", count: 1 << 17)
        try await withHTTP2(settings: [(4, 1 << 20)]) { proxy, peer in
            let length = [("content-length", "\(body.utf8.count)")]
            let fields = HTTP2Peer.pseudoFields("POST", "/completion") + length
            try await peer.untilEchoed()
            try await peer.send(.windowUpdate(1 << 24), HTTP2Peer.headers(fields, on: 1, ends: false))
            // As far as the window goes; when more may come, the rest.
            let pieces = stride(from: 0, to: body.utf8.count, by: 16384).map { start in
                String(decoding: Array(body.utf8)[start..<min(start + 16384, body.utf8.count)], as: UTF8.self)
            }
            for (index, piece) in pieces.enumerated() {
                if index > 0, index % 8 == 0 { _ = try await peer.frame { $0.kind == .windowUpdate && $0.stream == 1 } }
                try await peer.send(.data(piece, on: 1, ends: index == pieces.count - 1))
            }
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().body == body)
            upstream.begin(sending: HTTP.answer(body))
            #expect(try await peer.answer().body == body)
        }
    }

    @Test("HEAD is answered without a body, and what asks for a body gets its 100")
    func withoutBody() async throws {
        try await withHTTP2 { proxy, peer in
            try await peer.send(HTTP2Peer.headers(HTTP2Peer.pseudoFields("HEAD", "/health"), on: 1))
            let head = try await peer.answer()
            #expect(head.status == 200 && head.end == .whole && head.body.isEmpty && head["content-length"] != ["0"])
            let fields = HTTP2Peer.pseudoFields("POST", "/completion") + [("expect", "100-continue")]
            try await peer.send(HTTP2Peer.headers(fields + [("content-length", "2")], on: 3, ends: false))
            #expect(try await peer.answer(on: 3) { !$0.heads.isEmpty }.statuses == [100])
            try await peer.send(.data("{}", on: 3, ends: true))
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer(status: "204 No Content"))
            #expect(try await peer.answer(on: 3).statuses == [100, 204])
        }
    }

    @Test("a silent stream gets comments")
    func comments() async throws {
        try await withHTTP2 {
            $0.proxy.keepAliveAfter = .milliseconds(1)
        } _: { proxy, peer in
            try await peer.complete(#"{"stream":true}"#, fields: [("user-agent", "curl/8")])
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await peer.answer { $0.body.contains(": the request is in hand") }
            try await upstream.send(HTTP.lastChunk)
            #expect(try await peer.answer().end == .whole)
        }
    }

    @Test("over TLS it is agreed on; who doesn't ask for it is served as before")
    func tls() async throws {
        let folder = try CertificateFolder()
        let files = try folder.write("a", names: ["usual.example"])
        let certificates = try ListenerCertificates([files], protocols: ReverseProxyConfiguration.protocols)
        try await withProxy {
            $0.proxy.certificates = certificates
        } _: { proxy in
            let context = try folder.clientContext(protocols: ["h2", "http/1.1"])
            let peer = try await HTTP2Peer.connect(to: proxy.running.address, tls: context)
            let (request, upstream) = try await proxy.ask(peer)
            #expect(request["X-Forwarded-Proto"] == ["https"])
            try await upstream.send(HTTP.answer("hello"))
            #expect(try await peer.answer().body == "hello")
            let older = try await RawConnection.connect(to: proxy.running.address, tls: try folder.clientContext())
            try await older.send(HTTP.get("/health"))
            #expect(try await older.readMessage().status == 200)
            let metrics = await proxy.server.metrics()
            #expect(metrics.clientsAccepted == 2 && metrics.clientsConnected == 2 && metrics.http2Connections == 1)
            await older.close()
            await peer.close()
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }

    @Test(
        "requests of HTTP/1.1 are served where HTTP/2 may be spoken, and begin byte by byte",
        arguments: [true, false]
    )
    func plain(byByte: Bool) async throws {
        try await withProxy {
            $0.proxy.speaksHTTP2WithoutTLS = true
        } _: { proxy in
            let client = try await proxy.connect()
            // As the preface begins, too.
            let request = "PRI /props HTTP/1.1\r\nHost: a\r\n\r\n"
            if byByte {
                for byte in request { try await client.deliver(String(byte)) }
            } else {
                try await client.send(request)
            }
            // It changes a server, as far as anybody knows.
            #expect(try await client.readMessage().status == 403)
            try await client.send(HTTP.get("/health"))
            #expect(try await client.readMessage().status == 200)
        }
    }

    // MARK: - What is refused

    @Test("errors are answered as over HTTP/1.1; what is left of a request isn't waited for")
    func tooLarge() async throws {
        try await withHTTP2 {
            $0.proxy.maximumBodyBytes = 3
        } _: { _, peer in
            let fields = HTTP2Peer.pseudoFields("POST", "/completion")
            try await peer.send(HTTP2Peer.headers(fields + [("content-length", "4")], on: 1, ends: false))
            let answer = try await peer.answer { $0.end == .whole }
            #expect(answer.status == 413 && answer.body.contains("error"))
            // Without a failure: RFC 9113 8.1.
            #expect(try await peer.frame { $0.kind == .reset && $0.stream == 1 }.number() == 0)
            try await peer.send(HTTP2Peer.headers(fields, on: 3, ends: false), .data("four", on: 3))
            #expect(try await peer.answer(on: 3).status == 413)
        }
    }

    @Test("a head that is larger than over HTTP/1.1 is answered 431")
    func largeHead() async throws {
        try await withHTTP2 { _, peer in
            try await peer.untilEchoed()
            let block = HTTP2Peer.block(
                HTTP2Peer.pseudoFields("GET", "/health") + [("x-large", String(repeating: "x", count: 70_000))]
            )
            try await peer.send(RawFrame(.headers, flags: RawFrame.endStream, on: 1, Array(block.prefix(16_384))))
            var rest = block.dropFirst(16_384)
            while !rest.isEmpty {
                let isLast = rest.count <= 16_384
                let flags = isLast ? RawFrame.endHeaders : 0
                try await peer.send(RawFrame(.continuation, flags: flags, on: 1, Array(rest.prefix(16_384))))
                rest = rest.dropFirst(16_384)
            }
            #expect(try await peer.answer().status == 431)
        }
    }

    @Test("a head in words that HTTP/1.1 refuses is answered 400")
    func refusedHead() async throws {
        try await withHTTP2 { _, peer in
            let fields = [(":method", "GET"), (":scheme", "http"), (":authority", "a@b"), (":path", "/")]
            try await peer.send(HTTP2Peer.headers(fields, on: 1))
            #expect(try await peer.answer().status == 400)
            try await peer.send(HTTP2Peer.headers(fields.filter { $0.0 != ":authority" }, on: 3))
            #expect(try await peer.answer(on: 3).status == 400)
        }
    }

    @Test("streams count as connections do: what is beyond their limit is told so")
    func tooManyConnections() async throws {
        try await withHTTP2(slots: [2]) {
            $0.proxy.maximumConnections = 2
        } _: { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            try await peer.get(on: 3)
            let refusal = try await peer.answer(on: 3)
            #expect(refusal.status == 503 && refusal.body.contains("--max-connections"))
            try await upstream.send(HTTP.answer())
            #expect(try await peer.answer().status == 200)
            try await peer.get(on: 5)
            #expect(try await peer.answer(on: 5).status == 200)
        }
    }

    @Test("one connection too many is told so on its streams")
    func refusedConnection() async throws {
        try await withHTTP2 {
            $0.proxy.maximumConnections = 1
        } _: { proxy, _ in
            let refused = try await HTTP2Peer.connect(to: proxy.running.address)
            try await refused.get()
            #expect(try await refused.answer().status == 503)
            await refused.close()
            #expect(await proxy.server.metrics().clientsRefused == 2)
        }
    }

    // MARK: - Ends

    @Test("a stream that its client resets leaves the queue, or its server, at once; the others go on")
    func reset() async throws {
        try await withHTTP2 { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer, "1")
            try await peer.complete("2", on: 3)
            try await proxy.until("queued") { $0.queued == 1 }
            try await peer.complete("3", on: 5)
            try await proxy.until("queued") { $0.queued == 2 }
            try await peer.send(.reset(3))
            try await proxy.until("left") { $0.queued == 1 && $0.clients == 3 }
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await peer.answer { !$0.body.isEmpty }
            try await peer.send(.reset(1))
            // The server is told by the end of what is sent to it.
            #expect(try await upstream.end() == .finished)
            await upstream.close()
            let next = try await proxy.upstreams[0].accept()
            #expect(try await next.readMessage().body == "3")
            try await next.send(HTTP.answer("three"))
            #expect(try await peer.answer(on: 5).body == "three")
        }
    }

    @Test("with its connection, all of a client's streams leave")
    func connectionLost() async throws {
        try await withHTTP2(slots: [3]) { proxy, peer in
            for number in 0..<3 { try await peer.complete(on: 2 * number + 1) }
            try await proxy.until("running") { $0.leases == 3 }
            await peer.close()
            try await proxy.until("gone") { $0.clients == 0 }
            for _ in 0..<3 {
                let upstream = try await proxy.upstreams[0].accept()
                await upstream.close()
            }
        }
    }

    @Test("a client that ends its side of the connection has left")
    func halfClosed() async throws {
        try await withHTTP2 { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            try await peer.finish()
            #expect(try await upstream.end() == .finished)
            await upstream.close()
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }

    enum Cut: CaseIterable {
        case length, chunks, event, beforeBody
    }

    @Test("an answer that its server broke off is reset, and never ends as if it were whole", arguments: Cut.allCases)
    func cut(_ cut: Cut) async throws {
        try await withHTTP2 { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            switch cut {
            case .length: try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            case .chunks: try await upstream.send(HTTP.eventStreamHead + "9\r\ndata:")
            case .event: try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            case .beforeBody: try await upstream.send(HTTP.eventStreamHead)
            }
            _ = try await peer.answer { $0.status == 200 }
            await upstream.close()
            let answer = try await peer.answer()
            #expect(answer.end == .reset(2))
            switch cut {
            case .length: #expect(answer.body == "abc")
            case .chunks: #expect(answer.body == "data:" || answer.body.isEmpty)
            case .event, .beforeBody: #expect(answer.body.contains("\"error\""))
            }
        }
    }

    @Test("an answer that ends with its connection, and is cut, is reset")
    func cutUntilClose() async throws {
        try await withHTTP2 { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            try await upstream.send("HTTP/1.1 200 OK\r\n\r\nhello")
            _ = try await peer.answer { $0.body == "hello" }
            try await upstream.reset()
            #expect(try await peer.answer().end == .reset(2))
        }
    }

    @Test("a server that answers no HTTP is a 502")
    func malformedAnswer() async throws {
        try await withHTTP2 { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            try await upstream.send("nonsense\r\n\r\n")
            #expect(try await peer.answer().status == 502)
        }
    }

    // MARK: - Backpressure

    @Test("one that doesn't read stops the reading from its own server alone")
    func slowStream() async throws {
        let habits = HTTP2Peer.Habits(opensWindows: false)
        try await withHTTP2(slots: [2], settings: [(4, 1000)], habits) { proxy, peer in
            try await peer.send(.windowUpdate(1 << 30))
            let (_, slow) = try await proxy.ask(peer, "slow")
            let body = String(repeating: "x", count: 50_000_000)
            let sending = slow.begin(sending: HTTP.answer(body))
            #expect(try await peer.answer { $0.body.utf8.count == 1000 }.end == nil)
            // It gets no more, and is held for no more than its share; the other doesn't wait.
            for number in 1...20 {
                try await peer.complete("quick", on: 2 * number + 1)
                let quick = number == 1 ? try await proxy.upstreams[0].accept() : nil
                if let quick { Self.serve(quick) }
                #expect(try await peer.answer(on: 2 * number + 1).body == "hello")
            }
            let unsent = try await proxy.onLoop { loop in loop.clients.values.map { $0.unsentBytes ?? 0 } }
            #expect(unsent.allSatisfy { $0 < 1 << 20 })
            #expect(try await peer.answerSoFar(on: 1).body.utf8.count == 1000)
            try await peer.send(.windowUpdate(1000, on: 1))
            _ = try await peer.answer { $0.body.utf8.count == 2000 }
            try await peer.send(.windowUpdate(1 << 30, on: 1))
            #expect(try await peer.answer().body.utf8.count == body.utf8.count)
            try await sending.get()
        }
    }

    /// Answers whatever comes.
    private static func serve(_ upstream: RawConnection) {
        Task { while (try? await upstream.readMessage()) != nil { try await upstream.send(HTTP.answer()) } }
    }

    @Test("a client that takes nothing of a stream is cut off, and its slot is free; the others go on")
    func takesNothing() async throws {
        let habits = HTTP2Peer.Habits(opensWindows: false)
        try await withHTTP2(slots: [2], settings: [(4, 0)], habits) {
            $0.proxy.timeouts.clientWrite = .milliseconds(1)
        } _: { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            let sending = upstream.begin(sending: HTTP.answer(String(repeating: "x", count: 10_000_000)))
            #expect(try await peer.answer().end == .reset(2))
            _ = try? await sending.get()
            #expect(await proxy.server.metrics().timeouts == [.clientWrite: 1])
            try await peer.untilEchoed()
        }
    }

    @Test("a connection that isn't read from holds up its own streams' servers")
    func slowConnection() async throws {
        try await withHTTP2(settings: [(4, 1 << 30)]) { proxy, peer in
            try await peer.send(.windowUpdate(1 << 30))
            try await peer.untilEchoed()
            try await peer.stopReading()
            let body = String(repeating: "0123456789abcdef", count: 4 << 20)
            let (_, upstream) = try await proxy.ask(peer)
            upstream.begin(sending: HTTP.answer(body))
            var most = 0
            for _ in 0..<2000 {
                let unsent = try await proxy.onLoop { $0.clients.values.first?.unsentBytes ?? 0 }
                most = max(most, unsent)
            }
            #expect(most > 0 && most < 1 << 20)
            try await peer.resumeReading()
            #expect(try await peer.answer().body == body)
        }
    }

    // MARK: - Time

    @Test("a client that speaks HTTP/2 and never says that it knows our settings is told so and left")
    func silentClient() async throws {
        try await withHTTP2(HTTP2Peer.Habits(acknowledgesSettings: false)) {
            $0.proxy.timeouts.requestHead = .milliseconds(1)
        } _: { _, peer in
            #expect(try await peer.goAway().code == 4)
            _ = try await peer.end()
        }
    }

    @Test("a request whose body doesn't come is answered 408")
    func bodyTooLate() async throws {
        try await withHTTP2 {
            $0.proxy.timeouts.requestBody = .milliseconds(1)
        } _: { _, peer in
            let fields = HTTP2Peer.pseudoFields("POST", "/completion") + [("content-length", "4")]
            try await peer.send(HTTP2Peer.headers(fields, on: 1, ends: false), .data("{", on: 1))
            #expect(try await peer.answer().status == 408)
        }
    }

    @Test("a connection without a stream is ended when it has been idle, with words")
    func idle() async throws {
        try await withHTTP2 {
            $0.proxy.timeouts.clientIdle = .milliseconds(1)
        } _: { proxy, peer in
            let first = try await peer.goAway()
            #expect(first.last == Int(Int32.max) && first.code == 0)
            #expect(try await peer.goAway().last == 0)
            _ = try await peer.end()
            try await proxy.until("gone") { $0.fronts == 0 }
        }
    }

    // MARK: - Stopping

    @Test("a balancer that stops answers what runs and sends its clients away")
    func drain() async throws {
        try await withHTTP2 { proxy, peer in
            // Nothing but the echo says that the client has heard.
            try await proxy.stopTime()
            let (_, upstream) = try await proxy.ask(peer)
            async let drained: Void = proxy.server.drain(proxy.running)
            #expect(try await peer.goAway().last == Int(Int32.max))
            // It has echoed: what it begins from now on is nobody's.
            #expect(try await peer.goAway().last == 1)
            try await upstream.send(HTTP.answer("one"))
            #expect(try await peer.answer().body == "one")
            #expect(try await peer.answer().end == .whole)
            _ = try await peer.end()
            await drained
        }
    }

    @Test("what a client begins before it has heard that it is to go is served by who passes its port on")
    func passOn() async throws {
        try await withHTTP2(slots: [2], HTTP2Peer.Habits(echoes: false)) { proxy, peer in
            try await proxy.stopTime()
            let (_, upstream) = try await proxy.ask(peer)
            try await proxy.onLoop { $0.passOn() }
            #expect(try await peer.goAway().last == Int(Int32.max))
            let ping = try await peer.frame { $0.kind == .ping && $0.flags == 0 }
            let (_, other) = try await proxy.ask(peer, on: 3)
            try await peer.send(.ping(ping.payload, isEcho: true))
            #expect(try await peer.goAway().last == 3)
            // Not even looked at.
            try await peer.complete(on: 5)
            try await upstream.send(HTTP.answer("one"))
            try await other.send(HTTP.answer("two"))
            #expect(try await peer.answer().body == "one")
            #expect(try await peer.answer(on: 3).body == "two")
            _ = try await peer.end()
            #expect(try await peer.answerSoFar(on: 5).heads.isEmpty)
            try await proxy.until("gone") { $0.fronts == 0 }
        }
    }

    @Test("answers that are cut by the end of the process are reset")
    func closedWhileRunning() async throws {
        try await withHTTP2 { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            _ = try await peer.answer { $0.body == "abc" }
            try await proxy.onLoop { $0.closeAll() }
            #expect(try await peer.answer().end != .whole)
            _ = try await peer.end()
        }
    }
}
