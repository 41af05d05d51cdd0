import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

/// Each test ends with the check of `withProxy`: no lease, nobody in the queue, no request, no byte is left.
@Suite("Clients that leave", .timeLimit(.minutes(1)))
struct LeavingTests {
    @Test("while a head is read", arguments: [true, false])
    func readingHead(isReset: Bool) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: "GET /pro")
            try await proxy.until("accepted") { $0.clients == 1 }
            try await leave(client, isReset)
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }

    @Test(
        "while a body is read",
        arguments: ["Content-Length: 10\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\na\r\nhalf"]
    )
    func readingBody(rest: String) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: "POST /completion HTTP/1.1\r\nHost: a\r\n" + rest)
            try await proxy.until("reading") { $0.requests == 1 && $0.bytes >= 4 }
            await client.close()
        }
    }

    @Test("while their request waits: the others move up", arguments: [true, false])
    func queued(isReset: Bool) async throws {
        try await withProxy { proxy in
            let (first, upstream) = try await proxy.ask(HTTP.completion("1"))
            let second = try await proxy.client(sending: HTTP.completion("2"))
            try await proxy.until("queued") { $0.queued == 1 }
            let third = try await proxy.client(sending: HTTP.completion("3"))
            try await proxy.until("queued") { $0.queued == 2 }
            try await leave(second, isReset)
            try await proxy.until("left") { $0.queued == 1 && $0.clients == 2 }

            try await upstream.send(HTTP.answer())
            #expect(try await first.readMessage().status == 200)
            #expect(try await upstream.readMessage().body == "3")
            try await upstream.send(HTTP.answer())
            #expect(try await third.readMessage().status == 200)
        }
    }

    @Test("while the slot that their request gets is on its way to the event loop")
    func queuedAndDispatched() async throws {
        try await withProxy(slots: [0]) { proxy in
            _ = try await proxy.client(sending: HTTP.completion())
            try await proxy.until("queued") { $0.queued == 1 }
            try await proxy.onLoop { loop in
                proxy.report(proxy.upstreams[0], slots: 1)
                loop.clients.values.first?.close()
            }
            try await proxy.untilIdle()
            #expect(proxy.dispatcher.snapshot().counters.dispatched == 1)
            #expect(proxy.dispatcher.snapshot().counters.clientsLeft == 1)
        }
    }

    @Test("while the refusal of their request is on its way to the event loop")
    func queuedAndRejected() async throws {
        try await withProxy(slots: [0]) { proxy in
            _ = try await proxy.client(sending: HTTP.completion())
            try await proxy.until("queued") { $0.queued == 1 }
            try await proxy.onLoop { loop in
                proxy.dispatcher.rejectAll()
                loop.clients.values.first?.close()
            }
            try await proxy.untilIdle()
            #expect(proxy.dispatcher.snapshot().counters.cancelled == 0)
        }
    }

    @Test("while a connection to their upstream is opened")
    func connecting() async throws {
        try await withProxy(slots: []) { proxy in
            let deaf = try await DeafListener.start()
            proxy.report(deaf.address, slots: 1)
            let client = try await proxy.client(sending: HTTP.completion())
            try await proxy.until("connecting") { $0.leases == 1 }
            await client.close()
            try await proxy.untilIdle()
            try await deaf.stop()
        }
    }

    @Test(
        "before a byte of their answer: the upstream is told, and its slot is leased until it closes the connection",
        arguments: [true, false]
    )
    func awaitingAnswer(isReset: Bool) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await leave(client, isReset)
            #expect(try await upstream.end() == .finished)
            let next = try await proxy.client(sending: HTTP.completion("next"))
            try await proxy.until("queued") { $0.queued == 1 && $0.leases == 1 }
            try await upstream.send(HTTP.answer())
            await upstream.close()
            let nextUpstream = try await proxy.upstreams[0].accept()
            #expect(try await nextUpstream.readMessage().body == "next")
            try await nextUpstream.send(HTTP.answer())
            #expect(try await next.readMessage().status == 200)
        }
    }

    @Test("before an answer that never begins: the slot is only free when a sample shows it")
    func noAnswer() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            await client.close()
            #expect(try await upstream.end() == .finished)
            await upstream.close()
            try await proxy.untilIdle()
            #expect(proxy.dispatcher.snapshot().counters.cooled == 1)
        }
    }

    @Test("before their answer, which comes all the same: nobody else gets it")
    func answeredForNobody() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            await client.close()
            #expect(try await upstream.end() == .finished)
            try await upstream.send(HTTP.answer() + HTTP.answer())
            await upstream.close()
            try await proxy.untilIdle()
            #expect(proxy.dispatcher.snapshot().counters.clientsLeft == 1)
            #expect(proxy.dispatcher.snapshot().counters.cooled == 0)
        }
    }

    @Test(
        "in the middle of their answer: the upstream is told, and its slot is leased until it closes the connection",
        arguments: [true, false]
    )
    func relaying(isReset: Bool) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            try await leave(client, isReset)
            #expect(try await upstream.end() == .finished)
            try await proxy.until("gone") { $0.clients == 0 && $0.leases == 1 }
            try await upstream.send(HTTP.chunk("data: 2\n\n"))
            await upstream.close()
        }
    }

    @Test(
        "during the last write: the upstream's connection is used again, and the slot is free",
        arguments: [true, false],
        [true, false]
    )
    func lastWrite(closes: Bool, isPipelined: Bool) async throws {
        try await withProxy({ $0.proxy.timeouts.upstreamRest = .zero }) { proxy in
            let fields = closes ? ["Connection: close"] : []
            let (client, upstream) = try await proxy.ask(HTTP.completion(fields: fields))
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            if isPipelined {
                try await client.send(HTTP.get("/health"))
                while try await proxy.onLoop({ $0.clients.values.first?.received.isEmpty == true }) {
                    await Task.yield()
                }
                // Linux tells of connections in the order in which something last happened there: the upstream's first.
                try await upstream.send(HTTP.chunk("data: 2\n\n"))
                _ = try await client.read(through: "data: 2\n\n")
            }

            // The event loop meets the end of the answer first, and writes it to a client that is no more.
            let pause = try await LoopPause.begin(on: proxy)
            try await upstream.deliver(HTTP.lastChunk)
            try await client.reset()
            pause.end()
            try await proxy.until("gone") { $0.clients == 0 }
            #expect(proxy.dispatcher.snapshot().counters.answered == 1)

            let next = try await proxy.client(sending: HTTP.completion("next"))
            #expect(try await upstream.readMessage().body == "next")
            try await upstream.send(HTTP.answer())
            #expect(try await next.readMessage().status == 200)
        }
    }

    @Test("during a write in the middle of their answer")
    func write() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead)
            _ = try await client.readHead()
            let pause = try await LoopPause.begin(on: proxy)
            try await upstream.deliver(HTTP.chunk("data: 1\n\n"))
            try await client.reset()
            pause.end()
            _ = try await upstream.end()
            await upstream.close()
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }

    @Test("with many requests of all kinds under way, on two event loops")
    func many() async throws {
        try await withProxy(slots: [8, 8]) {
            $0.threads = 2
            $0.scheduler.maximumQueued = 64
        } _: { proxy in
            var clients: [RawConnection] = []
            for _ in 0..<80 { clients.append(try await proxy.client(sending: HTTP.completion() + HTTP.get("/health"))) }
            try await proxy.until("busy") { $0.leases == 16 && $0.queued == 64 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, client) in clients.enumerated() {
                    group.addTask { try await leave(client, index.isMultiple(of: 2)) }
                }
                try await group.waitForAll()
            }
            try await proxy.until("gone") { $0.clients == 0 }
            while proxy.dispatcher.snapshot().leased > 0 {
                for upstream in proxy.upstreams { try await upstream.closeAccepted() }
            }
        }
    }
}

private func leave(_ client: RawConnection, _ isReset: Bool) async throws {
    if isReset { try await client.reset() } else { await client.close() }
}
