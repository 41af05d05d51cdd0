import FleetMetrics
import NIOCore
import Testing

@testable import ReverseProxy

/// What has been used to bring servers of HTTP/2 down: each ends its connection, and nothing else.
@Suite("Floods over HTTP/2", .timeLimit(.minutes(1)))
struct HTTP2FloodTests {
    private static let calm = 11

    struct Flood: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var before: [RawFrame] = []
        let frames: [RawFrame]
        var codes: Set<Int> = [calm]
        /// Before our settings are acknowledged.
        var isEarly = false
    }

    private static func request(_ number: Int, ends: Bool = true, path: String = "/health") -> RawFrame {
        HTTP2Peer.headers(HTTP2Peer.pseudoFields("GET", path), on: 2 * number + 1, ends: ends)
    }

    private static let largeField = String(repeating: "x", count: 4000)

    static let floods: [Flood] = [
        Flood(
            testDescription: "rapid reset, CVE-2023-44487",
            frames: (0..<600).flatMap { [request($0, ends: false), .reset(2 * $0 + 1)] }
        ),
        Flood(
            testDescription: "CONTINUATION, CVE-2024-27316",
            before: [RawFrame(.headers, on: 1, HTTP2Peer.block(HTTP2Peer.pseudoFields("GET", "/health")))],
            frames: (0..<100).map { _ in RawFrame(.continuation, on: 1, HTTP2Peer.block([("a", "b")])) }
        ),
        Flood(
            testDescription: "empty CONTINUATION, CVE-2024-27316",
            before: [RawFrame(.headers, on: 1, HTTP2Peer.block(HTTP2Peer.pseudoFields("GET", "/health")))],
            frames: (0..<1000).map { _ in RawFrame(.continuation, on: 1) }
        ),
        Flood(testDescription: "SETTINGS, CVE-2019-9515", frames: (0..<300).map { _ in .settings() }),
        Flood(testDescription: "PING, CVE-2019-9512", frames: (0..<300).map { _ in .ping() }),
        Flood(
            testDescription: "PRIORITY, CVE-2019-9513",
            frames: (0..<300).map { RawFrame(.priority, on: 2 * $0 + 1, [0, 0, 0, 0, 1]) }
        ),
        Flood(
            testDescription: "empty DATA, CVE-2019-9518",
            before: [request(0, ends: false)],
            frames: (0..<100).map { _ in .data(on: 1) }
        ),
        Flood(
            testDescription: "requests that are reset, CVE-2019-9514",
            frames: (0..<200).map { HTTP2Peer.headers([("x", "y")], on: 2 * $0 + 1) }
        ),
        Flood(
            testDescription: "requests that are malformed, CVE-2019-9514",
            frames: (0..<200).map {
                HTTP2Peer.headers(HTTP2Peer.pseudoFields("GET", "/health") + [("x", "a\0")], on: 2 * $0 + 1)
            }
        ),
        Flood(
            testDescription: "bodies that are malformed, CVE-2019-9514",
            frames: (0..<200).flatMap {
                let fields = HTTP2Peer.pseudoFields("POST", "/completion") + [("content-length", "1")]
                return [HTTP2Peer.headers(fields, on: 2 * $0 + 1, ends: false), .data("ab", on: 2 * $0 + 1)]
            }
        ),
        Flood(
            testDescription: "MadeYouReset, CVE-2025-8671",
            frames: (0..<200).flatMap {
                [
                    HTTP2Peer.headers(HTTP2Peer.pseudoFields("POST", "/completion"), on: 2 * $0 + 1, ends: false),
                    .windowUpdate(0, on: 2 * $0 + 1),
                ]
            }
        ),
        Flood(
            testDescription: "an HPACK bomb, CVE-2016-6581",
            before: [
                RawFrame(
                    .headers,
                    flags: RawFrame.endHeaders | RawFrame.endStream,
                    on: 1,
                    HTTP2Peer.block(HTTP2Peer.pseudoFields("GET", "/health"))
                        // Into the table, as its first.
                        + [0x40] + HTTP2Peer.string([UInt8(ascii: "a")]) + HTTP2Peer.string(Array(largeField.utf8))
                )
            ],
            frames: [
                RawFrame(
                    .headers,
                    flags: RawFrame.endHeaders | RawFrame.endStream,
                    on: 3,
                    HTTP2Peer.block(HTTP2Peer.pseudoFields("GET", "/health")) + [UInt8](repeating: 0xBE, count: 10_000)
                )
            ],
            // As NIO calls it.
            codes: [1, 2, 9, calm]
        ),
        Flood(
            testDescription: "streams before the limit is known",
            frames: (0..<400).map {
                HTTP2Peer.headers(HTTP2Peer.pseudoFields("POST", "/completion"), on: 2 * $0 + 1, ends: false)
            },
            codes: [1, calm],
            isEarly: true
        ),
    ]

    @Test("a flood ends its own connection; others are served, and nothing of it stays", arguments: floods)
    func flood(_ flood: Flood) async throws {
        try await withHTTP2(HTTP2Peer.Habits(acknowledgesSettings: !flood.isEarly)) { proxy, peer in
            let other = try await HTTP2Peer.connect(to: proxy.running.address)
            try await other.untilEchoed()
            if !flood.isEarly { try await peer.untilEchoed() }
            try await peer.send(bytes: flood.before.flatMap(\.bytes))
            await peer.flood(flood.frames)
            #expect(flood.codes.contains(try await peer.goAway().code))
            _ = try await peer.end()
            let metrics = await proxy.server.metrics()
            #expect(metrics.http2Connections == 2 && metrics.http2ConnectionsBroken == 1)
            try await other.get()
            #expect(try await other.answer().status == 200)
            await other.close()
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }

    @Test("a client that doesn't take the echoes of its pings is left, CVE-2019-9512")
    func untakenEchoes() async throws {
        try await withHTTP2 { proxy, peer in
            try await peer.untilEchoed()
            try await peer.stopReading()
            await peer.flood((0..<300).map { _ in .ping() })
            try await proxy.until("gone") { $0.fronts == 0 }
        }
    }

    @Test("what one may do, and does, isn't a flood")
    func usual() async throws {
        try await withHTTP2 { _, peer in
            for round in 0..<100 {
                try await peer.send(Self.request(2 * round, ends: false), .reset(4 * round + 1))
                try await peer.get(on: 4 * round + 3)
                #expect(try await peer.answer(on: 4 * round + 3).status == 200)
                if round.isMultiple(of: 2) { try await peer.untilEchoed("\(10_000_000 + round)") }
            }
        }
    }
}
