import NIOCore
import Testing

@testable import ReverseProxy

/// RFC 9113 and RFC 7541, section by section, as h2spec asks: what a server must make of frames.
@Suite("HTTP/2, by its sections", .timeLimit(.minutes(1)))
struct HTTP2ConformanceTests {
    enum Outcome: Sendable {
        /// GOAWAY with one of these codes.
        case connectionError(Set<Int>)
        /// RST_STREAM on stream 1 with one of these codes, or what is harder.
        case streamError(Set<Int>)
        /// Stream 1 is answered so.
        case answered(Int)
        /// Nothing: the connection goes on.
        case ignored
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let frames: [RawFrame]
        let outcome: Outcome

        init(_ testDescription: String, _ frames: [RawFrame], _ outcome: Outcome) {
            self.testDescription = testDescription
            self.frames = frames
            self.outcome = outcome
        }
    }

    private static let (protocolError, flowControl, closed, frameSize, refused, compression) = (1, 3, 5, 6, 7, 9)

    private static let fields = HTTP2Peer.pseudoFields("GET", "/health")
    private static let post = HTTP2Peer.pseudoFields("POST", "/completion")

    private static func get(on stream: Int = 1, _ more: [(String, String)] = [], ends: Bool = true) -> RawFrame {
        HTTP2Peer.headers(fields + more, on: stream, ends: ends)
    }

    private static func headers(_ block: [UInt8], _ flags: UInt8 = 5, on stream: Int = 1) -> RawFrame {
        RawFrame(.headers, flags: flags, on: stream, block)
    }

    private static let block = HTTP2Peer.block(fields)
    private static let open = HTTP2Peer.headers(post, on: 1, ends: false)

    // MARK: - 4. Frames

    static let frames: [Case] = [
        Case("4.1: a type that isn't known is ignored", [RawFrame(.unknown, flags: 255, on: 0, [1, 2, 3])], .ignored),
        Case(
            "4.1: flags that aren't known are ignored",
            [RawFrame(.headers, flags: 5 | 0xD2, on: 1, block)],
            .answered(200)
        ),
        Case(
            "4.1: the reserved bit is ignored",
            [RawFrame(.headers, flags: 5, on: 1 | 1 << 31, block)],
            .answered(200)
        ),
        Case(
            "4.2: DATA of the largest size",
            [open, .data(String(repeating: "x", count: 16_384), on: 1), .reset(1)],
            .ignored
        ),
        Case(
            "4.2: DATA beyond it",
            [open, .data(String(repeating: "x", count: 16_385), on: 1)],
            .streamError([frameSize])
        ),
        Case(
            "4.2: HEADERS beyond it",
            [headers(block + HTTP2Peer.block([("a", String(repeating: "x", count: 17_000))]))],
            .connectionError([frameSize])
        ),
        Case(
            "4.3: a block that is none",
            [headers([0x3F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])],
            .connectionError([compression])
        ),
        Case(
            "4.3: PRIORITY within a block",
            [headers(block, 1), RawFrame(.priority, on: 1, [0, 0, 0, 0, 1])],
            .connectionError([protocolError])
        ),
        Case(
            "4.3: another stream's HEADERS within a block",
            [headers(block, 1), get(on: 3)],
            .connectionError([protocolError])
        ),
        Case(
            "5.5: a type that isn't known within a block",
            [headers(block, 1), RawFrame(.unknown)],
            .connectionError([protocolError])
        ),
        Case("6.1: DATA without a stream", [.data("x", on: 0)], .connectionError([protocolError])),
        Case(
            "6.1: more padding than DATA",
            [open, RawFrame(.data, flags: RawFrame.padded, on: 1, [6, 1, 2, 3, 4])],
            .connectionError([protocolError])
        ),
        Case(
            "6.1: DATA with padding",
            [open, RawFrame(.data, flags: RawFrame.padded, on: 1, [2, 65, 0, 0]), .reset(1)],
            .ignored
        ),
        Case("6.2: HEADERS without a stream", [headers(block, on: 0)], .connectionError([protocolError])),
        Case("6.2: HEADERS with padding", [headers([2] + block + [0, 0], 5 | RawFrame.padded)], .answered(200)),
        Case(
            "6.2: HEADERS with a priority",
            [headers([0, 0, 0, 0, 5] + block, 5 | RawFrame.hasPriority)],
            .answered(200)
        ),
        Case(
            "6.2: more padding than HEADERS",
            [headers([255] + block, 5 | RawFrame.padded)],
            .connectionError([protocolError])
        ),
        Case(
            "6.3: PRIORITY without a stream",
            [RawFrame(.priority, on: 0, [0, 0, 0, 0, 1])],
            .connectionError([protocolError])
        ),
        Case("6.3: PRIORITY of an odd length", [RawFrame(.priority, on: 1, [0, 0, 0, 1])], .streamError([frameSize])),
        Case("6.4: RST_STREAM without a stream", [.reset(0)], .connectionError([protocolError])),
        Case("6.4: RST_STREAM of a stream that isn't there", [.reset(1)], .connectionError([protocolError])),
        Case(
            "6.4: RST_STREAM of an odd length",
            [open, RawFrame(.reset, on: 1, [0, 0, 0])],
            .connectionError([frameSize])
        ),
        Case(
            "6.6: PUSH_PROMISE of a client",
            [RawFrame(.pushPromise, flags: 4, on: 1, [0, 0, 0, 2] + block)],
            .connectionError([protocolError])
        ),
        Case("6.7: a PING is echoed", [.ping(Array("87654321".utf8))], .ignored),
        Case("6.7: an echo isn't", [.ping(isEcho: true)], .ignored),
        Case(
            "6.7: PING of a stream",
            [RawFrame(.ping, on: 1, Array("12345678".utf8))],
            .connectionError([protocolError])
        ),
        Case(
            "6.7: PING of an odd length",
            [RawFrame(.ping, on: 0, [1, 2, 3, 4, 5, 6])],
            .connectionError([frameSize])
        ),
        Case(
            "6.8: GOAWAY of a stream",
            [RawFrame(.goAway, on: 1, [0, 0, 0, 0, 0, 0, 0, 0])],
            .connectionError([protocolError])
        ),
        Case(
            "6.10: a block in three frames",
            [
                headers(Array(block.prefix(5)), 1), RawFrame(.continuation, on: 1, Array(block.dropFirst(5).prefix(9))),
                RawFrame(.continuation, flags: 4, on: 1, Array(block.dropFirst(14))),
            ],
            .answered(200)
        ),
        Case(
            "6.10: CONTINUATION behind the end",
            [get(), RawFrame(.continuation, flags: 4, on: 1, [])],
            .connectionError([protocolError])
        ),
        Case(
            "6.10: CONTINUATION without a stream",
            [headers(block, 1), RawFrame(.continuation, flags: 4, on: 0)],
            .connectionError([protocolError])
        ),
        Case(
            "6.10: CONTINUATION of another stream",
            [headers(block, 1), RawFrame(.continuation, flags: 4, on: 3)],
            .connectionError([protocolError])
        ),
        Case(
            "6.10: CONTINUATION behind DATA",
            [open, .data("x", on: 1), RawFrame(.continuation, flags: 4, on: 1)],
            .connectionError([protocolError])
        ),
    ]

    // MARK: - 5. Streams

    static let streams: [Case] = [
        Case("5.1: DATA of an idle stream", [.data("x", on: 1)], .connectionError([protocolError])),
        Case("5.1: WINDOW_UPDATE of an idle stream", [.windowUpdate(1, on: 1)], .connectionError([protocolError])),
        Case(
            "5.1: CONTINUATION of an idle stream",
            [RawFrame(.continuation, flags: 4, on: 1)],
            .connectionError([protocolError])
        ),
        Case("5.1: DATA behind the end of a request", [completed, .data("x", on: 1)], .streamError([closed])),
        Case(
            "5.1: HEADERS behind the end of a request",
            [completed, HTTP2Peer.headers([("a", "b")], on: 1)],
            .streamError([closed, protocolError])
        ),
        Case(
            "5.1: frames behind a reset are ignored or refused",
            [open, .reset(1), .windowUpdate(1, on: 1)],
            .ignored
        ),
        Case("5.1: HEADERS behind a reset", [open, .reset(1), get()], .connectionError([closed, protocolError])),
        Case(
            "5.1.2: more streams than are allowed",
            (0..<101).map { HTTP2Peer.headers(post, on: 2 * $0 + 1, ends: false) },
            .connectionError([protocolError, refused])
        ),
        Case("5.1.1: a stream that is a server's", [get(on: 2)], .connectionError([protocolError])),
        Case("5.1.1: a stream below the last", [get(on: 5), get(on: 3)], .connectionError([protocolError, closed])),
        Case(
            "5.3.1: HEADERS that depend on themselves",
            [headers([0, 0, 0, 1, 5] + block, 5 | RawFrame.hasPriority)],
            .streamError([protocolError])
        ),
        Case(
            "5.3.1: PRIORITY that depends on itself",
            [RawFrame(.priority, on: 1, [0, 0, 0, 1, 5])],
            .streamError([protocolError])
        ),
    ]

    /// Waits for a slot.
    private static let completed = HTTP2Peer.headers(post + [("content-length", "0")], on: 1)

    // MARK: - 6.5. Settings, 6.9. Flow control

    static let settings: [Case] = [
        Case(
            "6.5: an acknowledgement with something in it",
            [RawFrame(.settings, flags: 1, on: 0, [0, 0, 0, 0, 0, 0])],
            .connectionError([frameSize])
        ),
        Case("6.5: SETTINGS of a stream", [RawFrame(.settings, on: 1)], .connectionError([protocolError])),
        Case("6.5: SETTINGS of an odd length", [RawFrame(.settings, on: 0, [0, 3, 0])], .connectionError([frameSize])),
        Case("6.5.2: push that is neither on nor off", [.settings([(2, 2)])], .connectionError([protocolError])),
        Case("6.5.2: a window that is too large", [.settings([(4, 1 << 31)])], .connectionError([flowControl])),
        Case("6.5.2: frames that are too small", [.settings([(5, 16_383)])], .connectionError([protocolError])),
        Case("6.5.2: frames that are too large", [.settings([(5, 1 << 24)])], .connectionError([protocolError])),
        Case("6.5.2: a setting that isn't known", [.settings([(0xBABA, 1)])], .ignored),
        Case("6.9: an increment of 0 for the connection", [.windowUpdate(0)], .connectionError([protocolError])),
        Case("6.9: an increment of 0 for a stream", [open, .windowUpdate(0, on: 1)], .streamError([protocolError])),
        Case(
            "6.9: WINDOW_UPDATE of an odd length",
            [RawFrame(.windowUpdate, on: 0, [0, 0, 1])],
            .connectionError([frameSize])
        ),
        Case(
            "6.9.1: too large a window for the connection",
            [.windowUpdate(Int(Int32.max)), .windowUpdate(Int(Int32.max))],
            .connectionError([flowControl])
        ),
        Case(
            "6.9.1: too large a window for a stream",
            [open, .windowUpdate(Int(Int32.max), on: 1), .windowUpdate(Int(Int32.max), on: 1)],
            .streamError([flowControl])
        ),
    ]

    // MARK: - 8. Messages

    private static func message(_ name: String, _ fields: [(String, String)], _ outcome: Outcome? = nil) -> Case {
        Case(name, [HTTP2Peer.headers(fields, on: 1)], outcome ?? .streamError([protocolError]))
    }

    private static func without(_ name: String) -> [(String, String)] { fields.filter { $0.0 != name } }

    static let messages: [Case] = [
        Case(
            "8.1: fields behind the body that don't end the stream",
            [open, .data("x", on: 1), HTTP2Peer.headers([("a", "b")], on: 1, ends: false)],
            .streamError([protocolError])
        ),
        Case(
            "8.1: a pseudo-header field behind the body",
            [open, .data("x", on: 1), HTTP2Peer.headers([(":method", "GET")], on: 1)],
            .streamError([protocolError])
        ),
        message("8.2.1: a name in upper case", fields + [("X-Test", "1")]),
        message("8.2.1: a name with a space", fields + [("x test", "1")]),
        message("8.2.1: a line in a value", fields + [("x", "a\r\nb: c")]),
        message("8.2.1: NUL in a value", fields + [("x", "a\0")]),
        message("8.2.1: a space around a value", fields + [("x", " a")]),
        message("8.2.2: a field about the connection", fields + [("connection", "keep-alive")]),
        message("8.2.2: chunks", fields + [("transfer-encoding", "chunked")]),
        message("8.2.2: te that isn't trailers", fields + [("te", "trailers, deflate")]),
        message("8.2.2: te that is", fields + [("te", "trailers")], .answered(200)),
        message("8.3: a pseudo-header field that isn't known", fields + [(":test", "1")]),
        message("8.3: one of answers", fields + [(":status", "200")]),
        message("8.3: one behind others", without(":path") + [("a", "b"), (":path", "/health")]),
        message("8.3.1: no method", without(":method")),
        message("8.3.1: no scheme", without(":scheme")),
        message("8.3.1: no path", without(":path")),
        message("8.3.1: an empty path", without(":path") + [(":path", "")]),
        message("8.3.1: two methods", fields + [(":method", "GET")]),
        message("8.3.1: two schemes", fields + [(":scheme", "http")]),
        message("8.3.1: two paths", fields + [(":path", "/health")]),
        message("8.3.1: a space in a path", without(":path") + [(":path", "/health HTTP/1.1")]),
        message("8.3.1: another host", fields + [("host", "other")]),
        message("8.5: a tunnel isn't built", [(":method", "CONNECT"), (":authority", "a:1")], .answered(501)),
        message("8.1.1: a length without a body", fields + [("content-length", "1")]),
        Case(
            "8.1.1: a body that is too long",
            [HTTP2Peer.headers(post + [("content-length", "1")], on: 1, ends: false), .data("ab", on: 1, ends: true)],
            .streamError([protocolError])
        ),
        Case(
            "8.1.1: a body that is too short",
            [HTTP2Peer.headers(post + [("content-length", "3")], on: 1, ends: false), .data("ab", on: 1, ends: true)],
            .streamError([protocolError])
        ),
        Case(
            "8.1.1: a body that is too long in pieces",
            [
                HTTP2Peer.headers(post + [("content-length", "3")], on: 1, ends: false), .data("ab", on: 1),
                .data("cd", on: 1, ends: true),
            ],
            .streamError([protocolError])
        ),
    ]

    // MARK: - RFC 7541

    static let compressions: [Case] = [
        Case(
            "HPACK 2.3.3: an index beyond the tables",
            [headers(block + [0xFF, 0x01])],
            .connectionError([compression])
        ),
        Case("HPACK 6.1: the index 0", [headers(block + [0x80])], .connectionError([compression])),
        Case(
            "HPACK 4.2: a size of the table at the end of a block",
            [headers(block + [0x21])],
            .connectionError([compression])
        ),
        Case(
            "HPACK 6.3: a table larger than allowed",
            [headers([0x3F, 0xE2, 0x1F] + block)],
            .connectionError([compression])
        ),
        Case(
            "HPACK 5.2: padding of a string that isn't ones",
            [headers(block + [0x00, 0x85, 0xF2, 0xB2, 0x4A, 0x84, 0xFF, 0x83, 0x49, 0x50, 0x90])],
            .connectionError([compression])
        ),
        Case(
            "HPACK 5.2: the end of strings in a string",
            [headers(block + [0x00, 0x84, 0xFF, 0xFF, 0xFF, 0xFC, 0x01, 0x61])],
            .connectionError([compression])
        ),
        Case(
            "HPACK 5.1: a string that ends behind its block",
            [headers(block + [0x00, 0x05, 0x61])],
            .connectionError([compression])
        ),
    ]

    @Test("what the RFC says is done", arguments: frames + streams + settings + messages + compressions)
    func section(_ example: Case) async throws {
        try await withHTTP2(slots: [0]) { proxy, peer in
            try await peer.untilEchoed()
            await peer.flood(example.frames)
            switch example.outcome {
            case .connectionError(let codes):
                #expect(codes.contains(try await peer.goAway().code))
                _ = try await peer.end()
            case .streamError(let codes):
                let frame = try await peer.frame { $0.kind == .goAway || ($0.kind == .reset && $0.stream == 1) }
                #expect(codes.contains(frame.number(at: frame.kind == .goAway ? 4 : 0)))
            case .answered(let status):
                #expect(try await peer.answer().status == status)
            case .ignored:
                try await peer.untilEchoed("ignored!")
                try await peer.get(on: 7)
                #expect(try await peer.answer(on: 7).status == 200)
            }
            await peer.close()
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }

    @Test(
        "3.4: a preface that is none is HTTP/1.1, or nothing",
        arguments: ["PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n", "INVALID PREFACE\r\n\r\n"]
    )
    func preface(text: String) async throws {
        try await withProxy {
            $0.proxy.speaksHTTP2WithoutTLS = true
        } _: { proxy in
            let client = try await proxy.client(sending: text)
            #expect([400, 505].contains(try await client.readMessage().status))
            #expect(try await client.end() == .finished)
        }
    }

    @Test("3.4: something else than SETTINGS behind the preface ends the connection")
    func withoutSettings() async throws {
        try await withProxy {
            $0.proxy.speaksHTTP2WithoutTLS = true
        } _: { proxy in
            let peer = try await HTTP2Peer.connect(to: proxy.running.address, settings: nil)
            try await peer.send(bytes: Array(HTTP2Peer.preface.utf8) + RawFrame.ping().bytes)
            #expect(try await peer.goAway().code == Self.protocolError)
            _ = try await peer.end()
        }
    }

    @Test("6.9.2: a window that gets smaller holds, below zero too, until it is opened again")
    func smallerWindow() async throws {
        try await withHTTP2(settings: [(4, 10)], HTTP2Peer.Habits(opensWindows: false)) { proxy, peer in
            let (_, upstream) = try await proxy.ask(peer)
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n")
            try await upstream.send(String(repeating: "x", count: 30))
            _ = try await peer.answer { $0.body.count == 10 }
            try await peer.send(.settings([(4, 0)]))
            try await peer.send(.windowUpdate(9, on: 1))
            try await peer.untilEchoed()
            #expect(try await peer.answerSoFar(on: 1).body.count == 10)
            try await peer.send(.windowUpdate(3, on: 1))
            #expect(try await peer.answer { $0.body.count == 12 }.body.count == 12)
            try await peer.send(.settings([(4, 1000)]))
            #expect(try await peer.answer().body.count == 30)
        }
    }

    @Test("6.9.1: the connection's window holds for all streams together")
    func connectionWindow() async throws {
        try await withHTTP2(slots: [2], settings: [(4, 1 << 20)], HTTP2Peer.Habits(opensWindows: false)) {
            proxy,
            peer in
            let body = String(repeating: "x", count: 40_000)
            let (_, first) = try await proxy.ask(peer)
            first.begin(sending: HTTP.answer(body))
            #expect(try await peer.answer().body.count == 40_000)
            try await peer.complete(on: 3)
            _ = try await first.readMessage()
            first.begin(sending: HTTP.answer(body))
            #expect(try await peer.answer(on: 3) { $0.body.count == 25_535 }.end == nil)
            try await peer.send(.windowUpdate(1 << 20))
            #expect(try await peer.answer(on: 3).body.count == 40_000)
        }
    }
}
