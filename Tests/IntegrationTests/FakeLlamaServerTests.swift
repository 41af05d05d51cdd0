import Foundation
import LoopbackPorts
import Testing

@testable import FakeLlamaServer

/// What the other tests rely on.
@Suite("The fake llama-server", .serialized)
struct FakeLlamaServerTests {
    private static let path = "/v1/chat/completions"
    private static let quick = ["--token-delay", "0ms"]

    @Test("echoes how many bytes came and their checksum")
    func bodyFacts() async throws {
        try await withFakeServer(arguments: Self.quick) { fake in
            let reply = try await RawClient.exchange("POST", Self.path, port: fake.port, body: "a")
            #expect(reply.status == 200)
            #expect(reply.endedCleanly)
            // FNV-1a of "a", from its authors' test vectors.
            #expect(reply.text.contains(#""body_fnv1a":"af63dc4c8601ec8c""#))
            #expect(reply.text.contains(#""body_bytes":           1"#))
        }
    }

    @Test("notes what became of each request by its identifier")
    func journal() async throws {
        try await withFakeServer(arguments: Self.quick + ["--journal"]) { fake in
            for fault in ["reset_before_head", "half_head"] {
                let client = try RawClient(port: fake.port)
                let headers = ["X-Request-Id": "one", "X-Fake-Fault": fault]
                try await client.send(RawClient.request("POST", Self.path, headers: headers, body: "{}"))
                _ = try await client.readToEnd()
            }
            _ = try await RawClient.exchange("POST", Self.path, port: fake.port, body: "{}")
            let journal = try await fake.journal()
            #expect(Set(journal.keys) == ["one"])
            #expect(journal["one"]?.started == 2)
            #expect(journal["one"]?.answered == 1)
        }
    }

    @Test("shows the head of a request as it came, and its body without chunks")
    func echo() async throws {
        try await withFakeServer { fake in
            let head = "POST /completion HTTP/1.1\r\nhOST: x\r\nX-Fake-Echo: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            let client = try RawClient(port: fake.port)
            try await client.send(head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            #expect(try await client.reply().text == head + "abcde")
        }
    }

    @Test("streams each token in order and ends with [DONE]")
    func stream() async throws {
        try await withFakeServer(arguments: ["--token-delay", "1ms", "--tokens", "3"]) { fake in
            let client = try RawClient(port: fake.port)
            try await client.send(RawClient.request("POST", Self.path, body: #"{"stream": true}"#))
            for token in 0..<3 { #expect(try await client.nextEvent()?.contains("t0000000\(token)") == true) }
            #expect(try await client.nextEvent()?.contains(#""finish_reason":"stop""#) == true)
            #expect(try await client.nextEvent() == "[DONE]")
            #expect(try await client.nextEvent() == nil)
            #expect(try await client.reply().endedCleanly)
        }
    }

    @Test("lets what has no slot wait, first come, first served")
    func deferral() async throws {
        try await withFakeServer(slots: 1, arguments: ["--token-delay", "1ms"]) { fake in
            let holder = try RawClient(port: fake.port)
            try await holder.send(
                RawClient.request("POST", Self.path, headers: ["X-Fake-Fault": "hang_before_head"], body: "{}")
            )
            try await eventually("running", equals: 1) { try await fake.counts().runningNow }
            let first = try RawClient(port: fake.port)
            try await first.send(RawClient.request("POST", Self.path, body: "1"))
            try await eventually("waiting", equals: 1) { try await fake.counts().deferredNow }
            let second = try RawClient(port: fake.port)
            try await second.send(RawClient.request("POST", Self.path, headers: ["X-Fake-Fault": "hang_before_head"]))
            try await eventually("waiting", equals: 2) { try await fake.counts().deferredNow }
            await holder.close()
            #expect(try await first.reply().status == 200)
            try await eventually("started", equals: 3) { try await fake.counts().requestsStarted }
            let counts = try await fake.counts()
            #expect(counts.deferredMax == 2)
            #expect(counts.runningMax == 1)
            #expect(counts.requestsCancelled == 1)
            #expect(counts.requestsCompleted == 1)
        }
    }

    @Test("a client that leaves frees its slot", arguments: [true, false])
    func cancellation(streams: Bool) async throws {
        try await withFakeServer(slots: 1, arguments: ["--token-delay", "10s"]) { fake in
            let client = try RawClient(port: fake.port)
            try await client.send(RawClient.request("POST", Self.path, body: #"{"stream":\#(streams)}"#))
            try await eventually("running", equals: 1) { try await fake.counts().runningNow }
            await client.close()
            try await eventually("running", equals: 0) { try await fake.counts().runningNow }
            #expect(try await fake.counts().requestsCancelled == 1)
        }
    }

    @Test("a sticky answer keeps its slot to its end, though its client has left")
    func stickyCancellation() async throws {
        try await withFakeServer(slots: 1, arguments: ["--token-delay", "10ms", "--sticky-cancel"]) { fake in
            let client = try RawClient(port: fake.port)
            let stuck = RawClient.request("POST", Self.path, headers: ["X-Fake-Tokens": "100000"], body: "{}")
            try await client.send(stuck)
            try await eventually("running", equals: 1) { try await fake.counts().runningNow }
            await client.close()
            let next = try RawClient(port: fake.port)
            try await next.send(RawClient.request("POST", Self.path, body: "{}"))
            try await eventually("those that wait", equals: 1) { try await fake.counts().deferredNow }
            #expect(try await fake.counts().runningNow == 1)
            // As llama-server's: it is closed when the answer is over.
            #expect(try await fake.counts().connectionsOpen == 2)
        }
    }

    enum Symptom: Sendable {
        case status(Int), malformed, cut, reset, hang
    }

    @Test(
        "breaks as told",
        arguments: [
            (FaultKind.hangBeforeHead, Symptom.hang), (.hangAfterHead, .hang), (.hangMidStream, .hang),
            (.resetBeforeHead, .reset), (.closeBeforeHead, .cut), (.halfHead, .cut), (.resetMidStream, .reset),
            (.cutMidStream, .cut), (.cutMidChunk, .cut), (.malformedHead, .malformed), (.wrongContentLengthLong, .cut),
            (.error500, .status(500)), (.loading, .status(503)), (.answerBeforeBody, .status(413)),
        ],
        [true, false]
    )
    func faults(fault: (kind: FaultKind, symptom: Symptom), streams: Bool) async throws {
        try await withFakeServer(arguments: ["--token-delay", "1ms"]) { fake in
            try await fake.fault(fault.kind, count: 1)
            let client = try RawClient(port: fake.port)
            try await client.send(RawClient.request("POST", Self.path, body: #"{"stream":\#(streams)}"#))
            switch fault.symptom {
            case .status(let status): #expect(try await client.reply().status == status)
            case .cut: #expect(try await client.reply().ending == .cut)
            case .reset: #expect(try await client.reply().ending == .reset)
            case .malformed: await #expect(throws: HTTPReplyParser.Malformed.self) { _ = try await client.reply() }
            case .hang:
                try await eventually("running", equals: 1) { try await fake.counts().runningNow }
                #expect(try await fake.counts().requestsCompleted == 0)
            }
            // It struck one request only.
            #expect(try await RawClient.exchange("POST", Self.path, port: fake.port, body: "{}").status == 200)
        }
    }

    @Test("refuses connections until told otherwise, and keeps its port")
    func refusal() async throws {
        try await withFakeServer { fake in
            try await fake.fault(.refuse)
            #expect(throws: SocketError.self) { _ = try RawClient(port: fake.port) }
            try await fake.clearFaults()
            #expect(try await RawClient.exchange("GET", "/health", port: fake.port).status == 200)
        }
    }

    @Test("closes a connection when its second request comes")
    func closeOnReuse() async throws {
        try await withFakeServer(arguments: Self.quick) { fake in
            try await fake.fault(.closeOnReuse)
            let client = try RawClient(port: fake.port)
            try await client.send(RawClient.request("POST", Self.path, body: "{}"))
            #expect(try await client.reply().status == 200)
            try await client.send(RawClient.request("POST", Self.path, body: "{}"))
            let second = try await client.reply()
            #expect(second.status == 0)
            #expect(!second.endedCleanly)
        }
    }

    @Test("drops idle connections, and only those, when told to")
    func closeIdle() async throws {
        try await withFakeServer { fake in
            let idle = try RawClient(port: fake.port)
            try await idle.send(RawClient.request("GET", "/health"))
            #expect(try await idle.reply().status == 200)
            let busy = try RawClient(port: fake.port)
            try await busy.send(RawClient.request("POST", Self.path, headers: ["X-Fake-Tokens": "100000"], body: "{}"))
            try await eventually("running", equals: 1) { try await fake.counts().runningNow }
            try await fake.fault(.closeIdle)
            #expect(try await idle.receive() == .end)
            #expect(try await fake.counts().runningNow == 1)
        }
    }

    @Test("stands still with a busy slot when told to, answers questions, and goes on when that is over")
    func stall() async throws {
        try await withFakeServer(arguments: Self.quick) { fake in
            try await fake.fault(.stall)
            let client = try RawClient(port: fake.port)
            try await client.send(RawClient.request("POST", Self.path, body: #"{"stream": true}"#))
            try await eventually("running", equals: 1) { try await fake.counts().runningNow }
            let slots = try await RawClient.exchange("GET", "/slots", port: fake.port)
            #expect(String(decoding: slots.body, as: UTF8.self).contains(#""is_processing":true"#))
            #expect(try await RawClient.exchange("GET", "/health", port: fake.port).status == 200)
            #expect(try await fake.counts().requestsCompleted == 0)
            try await fake.clearFaults()
            #expect(try await client.reply().endedCleanly)
        }
    }

    @Test("says who exits how")
    func exits() async throws {
        let killed = try await FakeServer.start().process
        killed.signal(SIGKILL)
        #expect(try await killed.waitUntilExit() == .signal(SIGKILL))
        let wrong = try ChildProcess(BuiltProducts.executable("FakeLlamaServer"), ["--slots", "0"])
        #expect(try await wrong.waitUntilExit() == .code(64))
        #expect(wrong.lines.contains { $0.contains("--slots is 1 to 100000") })
    }
}
