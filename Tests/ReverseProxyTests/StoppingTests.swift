import NIOCore
import Testing

@testable import ReverseProxy

@Suite("A balancer that stops", .timeLimit(.minutes(1)))
struct StoppingTests {
    @Test(
        "a request that is refused for the stop before its event loop has heard of it is told that its connection ends, too"
    )
    func refusedEarly() async throws {
        try await withProxy { proxy in
            proxy.dispatcher.stopAccepting()
            let answer = try await proxy.client(sending: HTTP.completion()).readMessage()
            #expect(answer.status == 503)
            #expect(answer["Connection"] == ["close"])
        }
    }

    @Test("what runs and what waits is answered; what comes is refused")
    func drain() async throws {
        try await withProxy { proxy in
            let (running, upstream) = try await proxy.ask(HTTP.completion("1"))
            let waiting = try await proxy.client(sending: HTTP.completion("2"))
            try await proxy.until("queued") { $0.queued == 1 }
            let idle = try await proxy.connect()
            let receiving = try await proxy.client(
                sending: "POST /completion HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{"
            )
            try await proxy.until("receiving") { $0.requests == 3 && $0.clients == 4 }

            async let drained: Void = proxy.server.drain(proxy.running)
            try await proxy.untilDraining()
            try await receiving.send("}")
            #expect(try await receiving.readMessage().status == 503)
            #expect(try await receiving.end() == .finished)
            await receiving.close()
            try await idle.send(HTTP.get("/props"))
            let refusal = try await idle.readMessage()
            #expect(refusal.status == 503)
            #expect(refusal["Connection"] == ["close"])
            #expect(try await idle.end() == .finished)
            await idle.close()

            try await upstream.send(HTTP.answer("1"))
            let answer = try await running.readMessage()
            #expect(answer.body == "1")
            #expect(answer["Connection"] == ["close"])
            await running.close()
            #expect(try await upstream.readMessage().body == "2")
            try await upstream.send(HTTP.answer("2"))
            #expect(try await waiting.readMessage().body == "2")
            await waiting.close()
            await drained
        }
    }

    @Test("health says that it drains")
    func health() async throws {
        try await withProxy { proxy in
            let client = try await proxy.connect()
            let (running, upstream) = try await proxy.ask()
            async let drained: Void = proxy.server.drain(proxy.running)
            try await proxy.untilDraining()
            try await client.send(HTTP.get("/health"))
            let answer = try await client.readMessage()
            #expect(answer.status == 503)
            #expect(answer.body.contains("draining"))
            await client.close()
            try await upstream.send(HTTP.answer())
            _ = try await running.readMessage()
            await running.close()
            await drained
        }
    }

    @Test("nobody new is let in")
    func listener() async throws {
        try await withProxy { proxy in
            await proxy.server.drain(proxy.running)
            await #expect(throws: (any Error).self) { try await proxy.connect() }
        }
    }

    @Test("answers that a slow client has still to take are not cut")
    func slowClient() async throws {
        try await withProxy { proxy in
            let client = try await proxy.connect()
            try await client.stopReading()
            let sending = client.begin(sending: String(repeating: HTTP.get("/health"), count: 50_000))
            while try await proxy.onLoop({ $0.clients.values.first?.isWritable != false }) { await Task.yield() }
            #expect(try await proxy.load().requests == 0)

            async let stopped: Void = stop(proxy)
            try await proxy.untilDraining()
            try await client.resumeReading()
            let answers = try await client.readToEnd()
            #expect(answers.text.hasSuffix("\"requests_buffered\":0}"))
            #expect(answers.text.contains("Connection: close"))
            #expect(answers.end == .finished)
            await client.close()
            await stopped
            _ = try? await sending.get()
        }
    }

    @Test("when the time is up, what waits is refused and what runs is cut")
    func timeIsUp() async throws {
        try await withProxy {
            $0.proxy.timeouts.shutdown = .zero
        } _: { proxy in
            let (streaming, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await streaming.readHead()
            #expect(try await streaming.read(through: "\n\n\r\n") == HTTP.chunk("data: 1\n\n"))
            let waiting = try await proxy.client(sending: HTTP.completion())
            try await proxy.until("queued") { $0.queued == 1 }

            await stop(proxy)
            #expect(try await waiting.readMessage().status == 503)
            let rest = try await streaming.readToEnd().text
            #expect(rest.contains(#"data: {"error":{"code":503,"message":"the balancer was stopped in the middle"#))
            #expect(!rest.contains(HTTP.lastChunk))
            #expect(try await upstream.end() == .finished)
        }
    }

    @Test("when the time is up, who has nothing of an answer yet gets 503")
    func timeIsUpBeforeFirstByte() async throws {
        try await withProxy {
            $0.proxy.timeouts.shutdown = .zero
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            await stop(proxy)
            let answer = try await client.readMessage()
            #expect(answer.status == 503)
            #expect(answer["Connection"] == ["close"])
            #expect(try await upstream.end() == .finished)
        }
    }

    @Test("an answer that would end with its connection is cut by a reset")
    func untilClose() async throws {
        try await withProxy {
            $0.proxy.timeouts.shutdown = .zero
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send("HTTP/1.1 200 OK\r\n\r\npart")
            _ = try await client.readHead()
            #expect(try await client.read(4) == "part")
            await stop(proxy)
            #expect(try await client.end() == .reset)
        }
    }

    @Test("a connection to an upstream that opens too late is closed")
    func connecting() async throws {
        try await withProxy { proxy in
            let wasKept = try await proxy.onLoop { loop in
                let (upstream, route) = try #require(loop.dispatcher.anyUpstream())
                let wasKept = loop.eventLoop.makePromise(of: Bool.self)
                loop.connect(to: loop.pool(for: upstream, by: route)) { result in
                    wasKept.completeWith(
                        result.map { connection in
                            connection.becomeIdle()
                            return connection.isActive
                        }
                    )
                }
                loop.closeAll()
                return wasKept.futureResult
            }
            #expect(try await wasKept.get() == false)
            #expect(try await proxy.upstreams[0].accept().end() == .finished)
        }
    }
}

private func stop(_ proxy: TestProxy) async {
    await proxy.server.drain(proxy.running)
    await proxy.server.close(proxy.running)
}

extension TestProxy {
    /// Every event loop has heard of it.
    fileprivate func untilDraining() async throws {
        while try await !onLoop({ $0.stage == .draining }) { await Task.yield() }
    }
}
