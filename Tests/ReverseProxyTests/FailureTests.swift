import FleetMetrics
import LlamaServer
import LoopbackPorts
import NIOCore
import NIOPosix
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Upstreams that fail before the first byte of an answer", .timeLimit(.minutes(1)))
struct FailureTests {
    @Test("an idle connection whose end crosses with a request is replaced, and the client notices nothing")
    func idleEnds() async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion("1"))
            try await first.send(HTTP.answer())
            _ = try await client.readMessage()

            try await proxy.cross(client, HTTP.completion("2"), with: first)
            let second = try await proxy.upstreams[0].accept()
            #expect(try await second.readMessage().body == "2")
            try await second.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(proxy.dispatcher.snapshot().counters.brokenOff == 0)
        }
    }

    @Test("so is one that was opened for a client that left, and never used")
    func unusedEnds() async throws {
        try await withProxy { proxy in
            // In one turn of the event loop: no connection that the turn began to open is open before it ends. With
            // bytes and a reset of a real client, it would be the system's scheduling that decides.
            _ = try await proxy.connect()
            try await proxy.until("accepted") { $0.clients == 1 }
            try await proxy.onLoop { loop in
                let leaving = try #require(loop.clients.values.first)
                leaving.take(ByteBuffer(string: HTTP.completion()))
                leaving.close()
            }
            let first = try await proxy.upstreams[0].accept()
            try await proxy.untilIdle()
            try await proxy.until("pooled") { $0.pooled == 1 }

            let client = try await proxy.connect()
            try await proxy.cross(client, HTTP.completion("2"), with: first)
            let second = try await proxy.upstreams[0].accept()
            #expect(try await second.readMessage().body == "2")
            try await second.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(proxy.dispatcher.snapshot().counters.brokenOff == 0)
        }
    }

    @Test(
        "a request that was broken off goes to the other upstream, if the first shows that it lives",
        arguments: [true, false],
        [true, false]
    )
    func breaks(isReset: Bool, wasIdle: Bool) async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion("0"))
            if wasIdle {
                try await first.send(HTTP.answer())
                _ = try await client.readMessage()
                try await client.send(HTTP.completion("1"))
                _ = try await first.readMessage()
            }
            if isReset { try await first.reset() } else { await first.close() }
            try await proxy.upstreams[0].showLife()
            let second = try await proxy.upstreams[1].accept()
            #expect(try await second.readMessage().body == (wasIdle ? "1" : "0"))
            try await second.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(proxy.dispatcher.snapshot().counters.brokenOff == 1)
        }
    }

    @Test("a request that every attempt breaks off is given up", arguments: [1, 2])
    func attemptsExhausted(maximum: Int) async throws {
        try await withProxy {
            $0.scheduler.maximumAttempts = maximum
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.completion())
            for _ in 0..<maximum {
                let upstream = try await proxy.upstreams[0].accept()
                _ = try await upstream.readMessage()
                await upstream.close()
                try await proxy.upstreams[0].showLife()
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 502)
            #expect(
                answer.body.contains("closed the connection without an answer") || answer.body.contains("2 attempts")
            )
        }
    }

    /// How a server is found to be gone.
    enum Death: CaseIterable, Sendable {
        case refuses, ends, loads
    }

    @Test(
        "a request that ends its server is sent to no other one, and its client is told which it was",
        arguments: Death.allCases,
        [HTTP.completion(), HTTP.get("/props")]
    )
    func diesWithServer(_ death: Death, request: String) async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, upstream) = try await proxy.ask(request)
            let dead = proxy.upstreams[0]
            if death == .refuses { try await dead.stop() }
            await upstream.close()
            switch death {
            case .refuses: break
            case .ends: await (try await dead.accept()).close()
            case .loads: try await dead.showLife(status: "503 Service Unavailable")
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 502)
            #expect(answer.body.contains("\(dead.address)"))
            #expect(await proxy.server.metrics().diedWithServer == 1)
            let snapshot = proxy.dispatcher.snapshot()
            #expect(snapshot.counters.retried == 0)
            #expect(snapshot.upstreams.first { $0.address == dead.address }?.isUsable == false)
        }
    }

    @Test(
        "a request that reaches a server after that has broken off another one's answer isn't taken for what ended it",
        arguments: [HTTP.completion("3"), HTTP.get("/props")]
    )
    func reachesADyingServer(request: String) async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            proxy.report(proxy.upstreams[1], slots: 1, .loading)
            let (client, upstream) = try await proxy.ask(HTTP.completion("1"))
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
            _ = try await client.readHead()
            await upstream.close()
            _ = try await client.readToEnd()

            let innocent = try await proxy.client(sending: request)
            let dying = try await proxy.upstreams[0].accept()
            _ = try await dying.readMessage()
            proxy.report(proxy.upstreams[1], slots: 1)
            try await proxy.upstreams[0].stop()
            await dying.close()
            let other = try await proxy.upstreams[1].accept()
            _ = try await other.readMessage()
            try await other.send(HTTP.answer("done"))
            #expect(try await innocent.readMessage().body == "done")
            #expect(await proxy.server.metrics().diedWithServer == 0)
        }
    }

    @Test(
        "once a byte of an answer has come, the request is not sent again",
        arguments: ["H", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 102 Processing\r\n\r\n"]
    )
    func partOfAHead(part: String) async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(part)
            await upstream.close()
            if part.contains("102") { #expect(try await client.readHead().status == 102) }
            #expect(try await client.readMessage().status == 502)
            #expect(proxy.dispatcher.snapshot().counters.retried == 0)
        }
    }

    private static let loading = HTTP.answer(
        #"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#,
        status: "503 Service Unavailable"
    )

    @Test(
        "a 503 sends the request elsewhere, and its text to nobody",
        arguments: [loading, HTTP.answer("too many", status: "503 Slow Down")],
        [0, 5]
    )
    func unavailable(answer: String, secondPart: Int) async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion("1"))
            try await first.deliver(String(answer.dropLast(secondPart)))
            if secondPart > 0 { try await first.send(String(answer.suffix(secondPart))) }
            let second = try await proxy.upstreams[1].accept()
            #expect(try await second.readMessage().body == "1")
            try await second.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(try await first.end() == .finished)
        }
    }

    @Test(
        "llama-server that loads ejects at once, something else that is unavailable doesn't",
        arguments: [true, false]
    )
    func ejectedWhileLoading(isLoading: Bool) async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion("1"))
            try await first.send(isLoading ? Self.loading : HTTP.answer("busy", status: "503 Busy"))
            let second = try await proxy.upstreams[1].accept()
            _ = try await second.readMessage()
            #expect(proxy.dispatcher.snapshot().upstreams.count { !$0.isUsable } == (isLoading ? 1 : 0))
            try await second.send(HTTP.answer("done"))
            _ = try await client.readMessage()
        }
    }

    @Test("a 503 that isn't llama-server's comes through after three attempts, as it was")
    func refusedEverywhere() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: HTTP.completion())
            for _ in 0..<3 {
                let upstream = try await proxy.upstreams[0].accept()
                _ = try await upstream.readMessage()
                try await upstream.send(HTTP.answer("no quota", status: "503 Slow Down", fields: ["Retry-After: 7"]))
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 503)
            #expect(answer.body == "no quota")
            #expect(answer["Retry-After"] == ["7"])
        }
    }

    @Test("the text of such a 503 isn't lost when the time to wait is over")
    func refusedUntilTimeout() async throws {
        try await withProxy(slots: [1, 1]) {
            $0.scheduler.queueTimeout = .milliseconds(1)
        } _: { proxy in
            let (busy, other) = try await proxy.ask()
            let client = try await proxy.client(sending: HTTP.completion())
            let upstream = try await proxy.upstreams[1].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer("no quota", status: "503 Slow Down"))
            let answer = try await client.readMessage()
            #expect(answer.status == 504)
            #expect(answer.body.contains("no quota"))
            try await other.send(HTTP.answer())
            _ = try await busy.readMessage()
        }
    }

    @Test("a 503 for a request that occupies no slot is passed on")
    func freeUnavailable() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.get("/props"))
            try await upstream.send(HTTP.answer("Loading model", status: "503 Service Unavailable"))
            #expect(try await client.readMessage().body == "Loading model")
        }
    }

    @Test("a refused connection sends the request elsewhere", arguments: [HTTP.completion(), HTTP.get("/props")])
    func refused(request: String) async throws {
        try await withProxy { proxy in
            // A listener that was closed would not do: a process that is being started holds on to it for a moment.
            let closed = try ClosedPort()
            proxy.report(NetworkAddress(host: "127.0.0.1", port: closed.port), slots: 2)
            let (client, upstream) = try await proxy.ask(request)
            try await upstream.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(proxy.dispatcher.snapshot().counters.connectFailures == 1)
        }
    }

    @Test("a connection that could not be opened leaves nothing behind")
    func neverConnected() async throws {
        try await withProxy(slots: []) { proxy in
            let closed = try ClosedPort()
            proxy.report(NetworkAddress(host: "127.0.0.1", port: closed.port), slots: 1)
            let (connected, handler) = try await proxy.onLoop { loop in
                let (upstream, route) = try #require(loop.dispatcher.anyUpstream())
                let pool = loop.pool(for: upstream, by: route)
                let bound = NIOLoopBound((loop: loop, pool: pool), eventLoop: loop.eventLoop)
                let handler = NIOLoopBoundBox(WeakConnection(), eventLoop: loop.eventLoop)
                let connected = ClientBootstrap(group: loop.eventLoop)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            let connection = UpstreamConnection(pool: bound.value.pool, loop: bound.value.loop)
                            handler.value.connection = connection
                            try channel.pipeline.syncOperations.addHandler(connection)
                        }
                    }
                    .connect(host: route.address.host, port: route.address.port)
                return (connected, handler)
            }
            await #expect(throws: (any Error).self) { try await connected.get() }
            // Handlers are removed one turn of the event loop later.
            try await proxy.onLoop { _ in }
            #expect(try await proxy.onLoop { _ in handler.value.connection == nil })
        }
    }

    @Test(
        "an answer that isn't HTTP is reported as such",
        arguments: ["hello\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"]
    )
    func malformed(answer: String) async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion() + HTTP.get("/health"))
            try await upstream.send(answer)
            let said = try await client.readMessage()
            #expect(said.status == 502)
            #expect(said.body.contains("could not be understood"))
            #expect(try await upstream.end() == .finished)
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("what came before the request was sent is not its answer")
    func answerBeforeRequest() async throws {
        try await withProxy { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion("1"))
            try await first.send(HTTP.answer("1"))
            #expect(try await client.readMessage().body == "1")

            // Both are there when the event loop goes on, the request first.
            let pause = try await LoopPause.begin(on: proxy)
            try await client.deliver(HTTP.completion("2"))
            try await first.deliver(HTTP.answer("poison"))
            pause.end()
            let second = try await proxy.upstreams[0].accept()
            #expect(try await second.readMessage().body == "2")
            try await second.send(HTTP.answer("2"))
            #expect(try await client.readMessage().body == "2")
        }
    }

    @Test("a request that occupies no slot is sent again once, if that does no harm", arguments: [true, false])
    func freeAttempts(isIdempotent: Bool) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let request = isIdempotent ? HTTP.get("/props") : HTTP.completion(path: "/tokenize")
            let client = try await proxy.client(sending: request)
            for index in isIdempotent ? [0, 1] : [0] {
                let upstream = try await proxy.upstreams[index].accept()
                _ = try await upstream.readMessage()
                await upstream.close()
                try await proxy.upstreams[index].showLife()
            }
            #expect(try await client.readMessage().status == 502)
        }
    }
}

extension TestProxy {
    /// The event loop looks when both are there: a request of the client, and the end of the idle connection that it is
    /// about to be sent on.
    fileprivate func cross(_ client: RawConnection, _ request: String, with idle: RawConnection) async throws {
        let pause = try await LoopPause.begin(on: self)
        try await client.deliver(request)
        await idle.close()
        pause.end()
    }
}

extension ScriptedUpstream {
    /// Answers the question whether it is alive.
    func showLife(status: String = "200 OK", prefix: String = "") async throws {
        let connection = try await accept()
        #expect(try await connection.readHead().startLine == "GET \(prefix)/health HTTP/1.1")
        try await connection.send(HTTP.answer("{}", status: status))
    }
}

private struct WeakConnection {
    weak var connection: UpstreamConnection?
}
