import LlamaServer
import LoopbackPorts
import NIOCore
import NIOPosix
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Upstreams that fail before the first byte of an answer", .timeLimit(.minutes(1)))
struct FailureTests {
    @Test("a connection that breaks when it is used again is replaced, and the client notices nothing")
    func reusedBreaks() async throws {
        try await withProxy { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion("1"))
            try await first.send(HTTP.answer())
            _ = try await client.readMessage()

            try await client.send(HTTP.completion("2"))
            #expect(try await first.readMessage().body == "2")
            try await first.reset()
            let second = try await proxy.upstreams[0].accept()
            #expect(try await second.readMessage().body == "2")
            try await second.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(proxy.dispatcher.snapshot().counters.brokenOff == 0)
        }
    }

    @Test("so is one that was opened for a client that left, and never used")
    func unusedBreaks() async throws {
        try await withProxy { proxy in
            // In one turn of the event loop: no connection that the turn began to open is open before it ends. With
            // bytes and a reset of a real client, it would be the system's scheduling that decides.
            _ = try await proxy.connect()
            try await proxy.until("accepted") { $0.clients == 1 }
            try await proxy.onLoop { loop in
                let leaving = try #require(loop.clients.values.first)
                let pipeline = try #require(leaving.context).channel.pipeline.syncOperations
                pipeline.fireChannelRead(NIOAny(ByteBuffer(string: HTTP.completion())))
                leaving.close()
            }
            let first = try await proxy.upstreams[0].accept()
            try await proxy.untilIdle()
            try await proxy.until("pooled") { $0.pooled == 1 }

            let client = try await proxy.client(sending: HTTP.completion("2"))
            #expect(try await first.readMessage().body == "2")
            try await first.reset()
            let second = try await proxy.upstreams[0].accept()
            #expect(try await second.readMessage().body == "2")
            try await second.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(proxy.dispatcher.snapshot().counters.brokenOff == 0)
        }
    }

    @Test("a fresh connection that breaks sends its request to the other upstream", arguments: [true, false])
    func freshBreaks(isReset: Bool) async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion("1"))
            if isReset { try await first.reset() } else { await first.close() }
            let second = try await proxy.upstreams[1].accept()
            #expect(try await second.readMessage().body == "1")
            try await second.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
        }
    }

    @Test("a request that every attempt breaks off is given up")
    func attemptsExhausted() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: HTTP.completion())
            for _ in 0..<3 {
                let upstream = try await proxy.upstreams[0].accept()
                _ = try await upstream.readMessage()
                await upstream.close()
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 502)
            #expect(answer.body.contains("3 attempts"))
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

    @Test("a 503 sends the request elsewhere, and its text to nobody")
    func unavailable() async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, first) = try await proxy.ask(HTTP.completion("1"))
            try await first.send(HTTP.answer("Loading model", status: "503 Service Unavailable"))
            let second = try await proxy.upstreams[1].accept()
            #expect(try await second.readMessage().body == "1")
            try await second.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(try await first.end() == .finished)
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
                let (upstream, route) = try #require(loop.dispatcher.freeUpstream(avoiding: nil))
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

    @Test("a request that occupies no slot is tried elsewhere, and given up after three attempts")
    func freeAttempts() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: HTTP.get("/props"))
            for index in [0, 1, 0] {
                let upstream = try await proxy.upstreams[index].accept()
                _ = try await upstream.readMessage()
                await upstream.close()
            }
            #expect(try await client.readMessage().status == 502)
        }
    }
}

private struct WeakConnection {
    weak var connection: UpstreamConnection?
}
