import FleetMetrics
import LlamaServer
import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What is waited for too long", .timeLimit(.minutes(1)))
struct TimeoutTests {
    @Test("a server that doesn't begin to answer: 504, and its slot is not given to the next one yet")
    func firstByte() async throws {
        try await withProxy {
            $0.proxy.timeouts.firstByte = .zero
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            let answer = try await client.readMessage()
            #expect(answer.status == 504)
            #expect(answer.body.contains("--first-byte-timeout"))
            #expect(try await upstream.end() == .finished)
            #expect(proxy.dispatcher.summary().slotsIdle == 0)
            #expect(await proxy.server.metrics().timeouts == [.firstByte: 1])
        }
    }

    @Test("a server whose slots move may take its time: what counts is how long nothing moved")
    func firstByteWhileSlotsMove() async throws {
        let limit = TimeAmount.seconds(600)
        try await withProxy {
            $0.proxy.timeouts.firstByte = .seconds(600)
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            proxy.report(UpstreamRoute(address: proxy.upstreams[0].address), slots: 1, hasMoved: true)
            let isStillWaiting = try await proxy.onLoop { loop in
                let client = try #require(loop.clients.values.first)
                let sentAt = client.request.sentAt
                client.timePassed(at: sentAt + limit)
                return client.hasRequest
            }
            #expect(isStillWaiting)
            try await proxy.pass(limit)
            #expect(try await client.readMessage().status == 504)
            #expect(try await upstream.end() == .finished)
        }
    }

    @Test("a server that pauses in a stream: an error event says so")
    func pauseInStream() async throws {
        try await withProxy {
            $0.proxy.timeouts.answerIdle = .milliseconds(1)
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            #expect(try await client.read(through: "\n\n\r\n") == HTTP.chunk("data: 1\n\n"))
            let rest = try await client.readToEnd()
            #expect(
                rest.text.contains(#"data: {"error":{"code":504,"message":"the llama.cpp server said nothing more"#)
            )
            #expect(!rest.text.hasSuffix("0\r\n\r\n"))
            #expect(try await upstream.end() == .finished)
            #expect(await proxy.server.metrics().timeouts == [.answer: 1])
        }
    }

    @Test("a server that pauses in another answer: it comes short")
    func pauseInAnswer() async throws {
        try await withProxy {
            $0.proxy.timeouts.answerIdle = .milliseconds(1)
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            _ = try await client.readHead()
            #expect(try await client.readToEnd().text == "abc")
        }
    }

    @Test("a client that takes nothing of its answer is cut off, and its slot is free")
    func clientThatDoesNotRead() async throws {
        try await withProxy {
            $0.proxy.timeouts.clientWrite = .milliseconds(1)
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            try await client.stopReading()
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            let sending = upstream.begin(sending: String(repeating: "x", count: 100_000_000))
            try await proxy.until("cut off") { $0.clients == 0 }
            _ = try? await sending.get()
            #expect(await proxy.server.metrics().timeouts == [.clientWrite: 1])
        }
    }

    @Test("a client that takes a little of its answer now and then gets all the time that it needs")
    func slowClient() async throws {
        try await withProxy {
            $0.proxy.timeouts.clientWrite = .seconds(60)
        } _: { proxy in
            try await proxy.stopTime()
            let (client, upstream) = try await proxy.ask()
            try await client.stopReading()
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            let sending = upstream.begin(sending: String(repeating: "x", count: 100_000_000))
            _ = try await proxy.mostUnsentBytes()
            var received = 0
            for step in 1...6 {
                // The client's system says that there is room again once a sixteenth of its buffer, up to 32 MiB, is free.
                received += 3_000_000
                try await client.read(untilReceived: received)
                try await proxy.untilAcknowledged()
                try await proxy.pass(.seconds(30 * Int64(step)))
            }
            #expect(try await proxy.load().clients == 1)
            try await client.reset()
            try await proxy.until("gone") { $0.clients == 0 }
            _ = try? await sending.get()
        }
    }

    @Test("a client that still takes its last answer isn't idle")
    func behind() async throws {
        try await withProxy(slots: []) {
            $0.proxy.timeouts.clientWrite = .seconds(3600)
        } _: { proxy in
            let client = try await proxy.connect()
            try await client.stopReading()
            let sending = client.begin(sending: String(repeating: HTTP.get("/health"), count: 50_000))
            while try await proxy.onLoop({ $0.clients.values.first?.isWritable != false }) { await Task.yield() }
            try await proxy.pass(.seconds(700))
            try await proxy.until("there") { $0.clients == 1 }
            try await client.reset()
            _ = try? await sending.get()
        }
    }

    @Test("a client that has nothing to ask for, at first or any more, is closed", arguments: [false, true])
    func idleClient(hasAsked: Bool) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: hasAsked ? HTTP.get("/health") : "")
            if hasAsked { #expect(try await client.readMessage().status == 200) }
            try await proxy.until("accepted") { $0.clients == 1 }
            try await proxy.pass(.seconds(500))
            try await proxy.until("still there") { $0.clients == 1 }
            try await proxy.pass(.seconds(700))
            let rest = try await client.readToEnd()
            #expect(rest.text.isEmpty)
            #expect(rest.end == .finished)
            #expect(await proxy.server.metrics().timeouts == [.clientIdle: 1])
        }
    }
}
