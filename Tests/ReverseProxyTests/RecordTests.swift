import AccessControl
import LlamaServer
import LoopbackPorts
import NIOCore
import RequestRecords
import Scheduling
import Testing

@testable import ReverseProxy

/// Each test of this module ends with the check of `withProxy`: every request that has begun has left one record.
@Suite("What is recorded of a request", .timeLimit(.minutes(1)))
struct RecordTests {
    private static let timings = #""timings":{"cache_n":40,"prompt_n":60,"prompt_ms":0.5,"predicted_n":7}}"#

    // MARK: - Answers

    @Test("of one that was answered: who asked for what, who answered, when, and what it cost")
    func answered() async throws {
        try await withProxy { proxy in
            let request = HTTP.completion(#"{"model":"m","prompt":"p"}"#, fields: ["X-Request-Id: mine"])
            let (client, upstream) = try await proxy.ask(request)
            let answer = HTTP.answer(#"{"content":"a","# + Self.timings)
            try await upstream.send(answer)
            let message = try await client.readMessage()
            let record = try await proxy.onlyRecord()
            #expect(record.outcome == .answered && record.status == 200)
            #expect(record.identifier == .given("mine") && record.trace == nil && record.tenant == nil)
            #expect(record.client == "127.0.0.1" && record.endpoint == "POST /v1/chat/completions")
            #expect(record.model == "m")
            #expect(record.route?.address == proxy.upstreams[0].address && record.attempts == 1)
            #expect(record.upstreamName == "\(proxy.upstreams[0].address)")
            #expect(record.choice?.ground == .only)
            #expect(record.waited == 0)
            let usage = ReportedUsage(promptComputed: 60, promptCached: 40, generated: 7, promptMilliseconds: 0)
            #expect(record.usage == usage && record.firstToken == nil)
            #expect(record.requestBytes == request.utf8.count)
            let written = ([message.startLine] + message.lines).reduce(2) { $0 + $1.utf8.count + 2 }
            #expect(record.answerBytes == written + message.body.utf8.count)
            let moments = [record.arrived, record.received, record.sent, record.firstByte, record.ended].compactMap(
                \.self
            )
            #expect(moments.count == 5 && moments == moments.sorted())
            #expect(abs(record.time - record.arrived.nanoseconds - WallClock.offset()) < 60_000_000_000)
        }
    }

    @Test("of a stream: when its first event came, too")
    func stream() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(#"{"stream":true}"#))
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 0\n\n"))
            _ = try await client.read(through: "data: 0\n\n")
            let running = await proxy.server.requests()
            #expect(running.runningTotal == 1 && running.ended.isEmpty)
            #expect(running.running.map(\.outcome) == [.running(.answering)])
            #expect(running.running.first?.choice?.ground == .only)
            try await upstream.send(HTTP.chunk("data: {" + Self.timings + "\n\n") + HTTP.lastChunk)
            _ = try await client.read(through: HTTP.lastChunk)
            let record = try await proxy.onlyRecord()
            #expect(record.outcome == .answered && record.tokensGenerated == 7 && record.tokensPrompt == 100)
            let moments = [record.sent, record.firstByte, record.firstToken, record.ended].compactMap(\.self)
            #expect(moments.count == 4 && moments == moments.sorted())
        }
    }

    @Test("of one that waited: for how long, and that it got the first slot there was")
    func queued() async throws {
        try await withProxy { proxy in
            let (first, upstream) = try await proxy.ask(HTTP.completion("1"))
            let second = try await proxy.client(sending: HTTP.completion("2"))
            try await proxy.until("queued") { $0.queued == 1 }
            let stages = await proxy.server.requests().running.map(\.outcome)
            #expect(Set(stages) == [.running(.queued), .running(.waiting)])
            try await upstream.send(HTTP.answer())
            _ = try await first.readMessage()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            _ = try await second.readMessage()
            let records = await proxy.records()
            #expect(records.map { $0.waited > 0 } == [true, false])
            #expect(records.map(\.choice?.ground) == [.firstIdle, .only])
            #expect(records.allSatisfy { $0.outcome == .answered && $0.attempts == 1 })
        }
    }

    @Test("of one that was sent again: all attempts, and the upstream that answered")
    func retried() async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, first) = try await proxy.ask()
            try await first.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy")
            let second = try await proxy.upstreams[1].accept()
            _ = try await second.readMessage()
            try await second.send(HTTP.answer())
            _ = try await client.readMessage()
            let record = try await proxy.onlyRecord()
            #expect(record.attempts == 2 && record.outcome == .answered && record.status == 200)
            #expect(record.route?.address == proxy.upstreams[1].address)
            #expect(record.choice?.attempt == 2)
        }
    }

    @Test("of one that needs no slot, and of what the balancer answers itself")
    func slotless() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.get("/props?x=1"))
            try await upstream.send(HTTP.answer(status: "404 Not Found"))
            _ = try await client.readMessage()
            try await client.send(HTTP.get("/health"))
            _ = try await client.readMessage()
            let records = await proxy.records()
            #expect(records.map(\.endpoint) == ["GET /health", "GET /props"])
            #expect(records.map(\.outcome) == [.answeredHere, .answered])
            #expect(records.map(\.status) == [200, 404])
            #expect(records.map(\.attempts) == [0, 1])
        }
    }

    // MARK: - Refusals

    @Test(
        "of one that was refused before it had a slot: why",
        arguments: [
            (HTTP.completion(), 401, RequestOutcome.Refusal.noKey),
            (HTTP.get("/slots", fields: ["Authorization: Bearer k"]), 403, .guarded),
            (HTTP.completion("12345", fields: ["Authorization: Bearer k"]), 413, .bodyTooLarge),
            (HTTP.completion("1", fields: ["Authorization: Bearer k"]), 429, .noQueue),
            (HTTP.get("/", fields: ["Authorization: Bearer k", "Upgrade: websocket"]), 426, .notSupported),
            ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501, .notSupported),
            ("GET / HTTP/1.1\r\n\r\n", 400, .invalid),
        ]
    )
    func refused(request: String, status: Int, refusal: RequestOutcome.Refusal) async throws {
        try await withProxy(slots: [0]) {
            $0.proxy.clientKeys = KeyRing(KeySet(["k"]), isClosed: true)
            $0.proxy.maximumBodyBytes = 4
            $0.scheduler.maximumQueued = 0
        } _: { proxy in
            let client = try await proxy.client(sending: request)
            #expect(try await client.readMessage().status == status)
            let record = try await proxy.onlyRecord()
            #expect(record.outcome == .refused(refusal) && record.status == status)
            #expect(record.route == nil && record.attempts == 0 && record.answerBytes > 0)
            #expect(record.endpoint.isEmpty == (refusal == .invalid))
            await client.close()
        }
    }

    @Test("of those that nobody may serve: 503 while there is no server, 504 when none became free")
    func nobody() async throws {
        try await withProxy(slots: []) {
            $0.scheduler.queueTimeout = .milliseconds(1)
            $0.scheduler.slotlessTimeout = .milliseconds(1)
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.get("/props"))
            #expect(try await client.readMessage().status == 503)
            try await client.send(HTTP.completion())
            #expect(try await client.readMessage().status == 504)
            let records = await proxy.records()
            #expect(records.map(\.outcome) == [.timedOut(.queue), .refused(.noServer)])
            #expect(records.allSatisfy { $0.waited > 0 })
        }
    }

    // MARK: - Failures

    @Test("of one whose upstream takes no connection, closes without an answer, or says no HTTP", arguments: 0..<3)
    func failed(way: Int) async throws {
        try await withProxy(slots: way == 0 ? [] : [1]) {
            $0.scheduler.maximumAttempts = 1
            $0.scheduler.queueTimeout = .milliseconds(1)
        } _: { proxy in
            if way == 0 {
                let closed = try ClosedPort()
                proxy.report(NetworkAddress(host: "127.0.0.1", port: closed.port), slots: 1)
                let client = try await proxy.client(sending: HTTP.completion())
                #expect(try await client.readMessage().status == 504)
                let record = try await proxy.onlyRecord()
                #expect(record.outcome == .timedOut(.queue) && record.attempts > 0 && record.route != nil)
                return
            }
            let (client, upstream) = try await proxy.ask()
            if way == 1 {
                await upstream.close()
                let probe = try await proxy.upstreams[0].accept()
                _ = try await probe.readMessage()
                try await probe.send(HTTP.answer())
            } else {
                try await upstream.send("hello\r\n\r\n")
            }
            #expect(try await client.readMessage().status == 502)
            let record = try await proxy.onlyRecord()
            #expect(record.outcome == .failed(way == 1 ? .brokenOff : .malformed) && record.status == 502)
            #expect(record.attempts == 1 && record.firstByte == nil)
        }
    }

    @Test("of one whose answer is cut: what was counted of it until then")
    func cut() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 0\n\n") + HTTP.chunk("data: 1\n\n"))
            _ = try await client.read(through: "data: 1\n\n\r\n")
            await upstream.close()
            _ = try await client.readToEnd()
            let record = try await proxy.onlyRecord()
            #expect(record.outcome == .cut(.brokenOff) && record.status == 200)
            #expect(record.tokensGenerated == 1 && record.usage == nil)
            #expect(record.choice?.ground == .only)
        }
    }

    @Test("of one that took too long: what was waited for", arguments: [true, false])
    func late(hasBegun: Bool) async throws {
        try await withProxy {
            $0.proxy.timeouts.firstByte = hasBegun ? .seconds(600) : .zero
            $0.proxy.timeouts.answerIdle = .milliseconds(1)
        } _: { proxy in
            let (client, upstream) = try await proxy.ask()
            if hasBegun { try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n")) }
            _ = try await client.readToEndOfRequest(hasBegun)
            let record = try await proxy.onlyRecord()
            #expect(record.outcome == (hasBegun ? .cut(.silent) : .timedOut(.firstByte)))
            #expect(record.status == (hasBegun ? 200 : 504))
            await upstream.close()
        }
    }

    @Test(
        "of one that came only in part",
        arguments: ["GET /v1/mod", "POST /completion HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc"]
    )
    func unfinished(request: String) async throws {
        try await withProxy {
            $0.proxy.timeouts.requestHead = .zero
            $0.proxy.timeouts.requestBody = .zero
        } _: { proxy in
            let client = try await proxy.client(sending: request)
            #expect(try await client.readMessage().status == 408)
            let record = try await proxy.onlyRecord()
            let hasHead = request.hasPrefix("POST")
            #expect(record.outcome == .timedOut(hasHead ? .requestBody : .requestHead))
            #expect(record.endpoint == (hasHead ? "POST /completion" : ""))
        }
    }

    // MARK: - Clients that leave

    @Test("of one whose client left: where it was", arguments: RequestOutcome.Stage.allCases)
    func left(stage: RequestOutcome.Stage) async throws {
        try await withProxy(slots: stage == .queued ? [0] : stage == .connecting ? [] : [1]) { proxy in
            switch stage {
            case .reading:
                let client = try await proxy.client(
                    sending: "POST /completion HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"
                )
                try await proxy.until("reading") { $0.requests == 1 && $0.bytes >= 4 }
                await client.close()
            case .queued:
                let client = try await proxy.client(sending: HTTP.completion())
                try await proxy.until("queued") { $0.queued == 1 }
                await client.close()
            case .connecting:
                let deaf = try await DeafListener.start()
                proxy.report(deaf.address, slots: 1)
                let client = try await proxy.client(sending: HTTP.completion())
                try await proxy.until("connecting") { $0.leases == 1 }
                await client.close()
                try await proxy.until("gone") { $0.requests == 0 }
                try await deaf.stop()
            case .waiting, .answering:
                let (client, upstream) = try await proxy.ask()
                if stage == .answering {
                    try await upstream.send(
                        HTTP.eventStreamHead + HTTP.chunk("data: 0\n\n") + HTTP.chunk("data: 1\n\n")
                    )
                    _ = try await client.read(through: "data: 1\n\n")
                }
                await client.close()
                _ = try await upstream.end()
                await upstream.close()
            }
            let record = try await proxy.onlyRecord()
            #expect(record.outcome == .clientLeft(stage))
            #expect(record.status == (stage == .answering ? 200 : 0))
            #expect(record.attempts == (stage == .reading || stage == .queued ? 0 : 1))
            #expect((record.waited > 0) == (stage == .queued))
            #expect((record.choice != nil) == (record.attempts > 0))
            #expect(record.tokensGenerated == (stage == .answering ? 1 : nil))
        }
    }

    @Test("of one that takes nothing of its answer: that it was given up for that")
    func takesNothing() async throws {
        try await withProxy {
            $0.proxy.timeouts.clientWrite = .zero
        } _: { proxy in
            try await proxy.stopTime()
            let (client, upstream) = try await proxy.ask()
            try await client.stopReading()
            let size = 64 << 20
            upstream.begin(
                sending: Array(HTTP.answer(String(repeating: "x", count: size)).utf8),
                pieces: 64
            )
            while try await proxy.onLoop({ $0.clients.values.first?.isWritable == true }) { await Task.yield() }
            while await proxy.records().isEmpty { try await proxy.pass(.seconds(1)) }
            #expect(try await proxy.onlyRecord().outcome == .timedOut(.clientWrite))
            await upstream.close()
            await client.close()
        }
    }

    // MARK: - From whom

    @Test("the client is whom trusted proxies name, and nobody else's word counts", arguments: [true, false])
    func client(isTrusted: Bool) async throws {
        try await withProxy {
            if !isTrusted { $0.proxy.trustedProxies = TrustedProxies([]) }
        } _: { proxy in
            let fields = ["X-Forwarded-For: 203.0.113.9, 198.51.100.7", "X-Forwarded-For: 127.0.0.2"]
            let client = try await proxy.client(sending: HTTP.get("/health", fields: fields))
            _ = try await client.readMessage()
            #expect(try await proxy.onlyRecord().client == (isTrusted ? "198.51.100.7" : "127.0.0.1"))
        }
    }

    @Test("a traceparent is passed on as it came, and its trace recorded")
    func trace() async throws {
        try await withProxy { proxy in
            let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let client = try await proxy.client(
                sending: HTTP.completion(fields: ["TraceParent: \(parent)", "tracestate: a=b"])
            )
            let upstream = try await proxy.upstreams[0].accept()
            let message = try await upstream.readMessage()
            #expect(message["traceparent"] == [parent] && message["tracestate"] == ["a=b"])
            try await upstream.send(HTTP.answer())
            _ = try await client.readMessage()
            let record = try await proxy.onlyRecord()
            #expect(record.trace?.high == 0x0af7_6519_16cd_43dd && record.trace?.low == 0x8448_eb21_1c80_319c)
        }
    }

    @Test(
        "what is recorded of a target has an end, and no query",
        arguments: ["/a?b", "http://here/a?b", "/\(String(repeating: "x", count: 9000))"]
    )
    func endpoint(target: String) async throws {
        try await withProxy { proxy in
            for _ in 0..<2 {
                let (client, upstream) = try await proxy.ask(
                    "GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                )
                try await upstream.send(HTTP.answer(fields: ["Connection: close"]))
                _ = try await client.readToEnd()
            }
            for record in await proxy.records() {
                #expect(
                    record.endpoint.hasPrefix("GET /") && record.endpoint.utf8.count <= RequestRecord.longestEndpoint
                )
                #expect(!record.endpoint.contains("b"))
            }
        }
    }
}

extension RawConnection {
    fileprivate func readToEndOfRequest(_ isCut: Bool) async throws -> String {
        isCut ? try await readToEnd().text : try await readMessage().startLine
    }
}
