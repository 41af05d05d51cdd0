import NIOCore
import SeededRandom
import Testing

@testable import ReverseProxy

@Suite("Frames that make no sense", .timeLimit(.minutes(1)))
struct HTTP2FuzzTests {
    @Test("whatever frames come, others are served, and nothing of it stays", arguments: 0..<8 as Range<UInt64>)
    func damaged(seed: UInt64) async throws {
        try await withHTTP2(slots: [0]) { proxy, other in
            var random = SplitMix64(seed: seed)
            for round in 0..<60 {
                let peer = try await HTTP2Peer.connect(to: proxy.running.address)
                if Bool.random(using: &random) { try? await peer.untilEchoed() }
                var bytes = (0..<Int.random(in: 1...20, using: &random)).flatMap { _ in Self.frame(&random).bytes }
                for _ in 0..<[0, 0, 1, 3].randomElement(using: &random)! {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                }
                let cut = Int.random(in: 0...bytes.count, using: &random)
                try? await peer.send(bytes: Array(bytes[..<cut]))
                try? await peer.send(bytes: Array(bytes[cut...]))
                // In the middle of it, or when it has been seen to.
                if Bool.random(using: &random) { try? await peer.send(.ping(Array("farewell".utf8))) }
                await peer.close()
                if round.isMultiple(of: 20) {
                    try await other.get(on: 2 * round + 1)
                    #expect(try await other.answer(on: 2 * round + 1).status == 200)
                }
            }
            try await proxy.until("gone") { $0.fronts == 1 && $0.clients == 1 && $0.requests == 0 }
        }
    }

    private static func frame(_ random: inout SplitMix64) -> RawFrame {
        let stream = 2 * Int.random(in: 0...6, using: &random) + (Int.random(in: 0..<10, using: &random) == 0 ? 0 : 1)
        let ends = Bool.random(using: &random)
        switch Int.random(in: 0..<14, using: &random) {
        case 0, 1, 2: return HTTP2Peer.headers(HTTP2Peer.pseudoFields("GET", "/health"), on: stream, ends: ends)
        case 3, 4:
            let fields = HTTP2Peer.pseudoFields("POST", "/completion") + [("content-length", "3")]
            return HTTP2Peer.headers(fields, on: stream, ends: false)
        case 5, 6: return .data("abc", on: stream, ends: ends)
        case 7: return .reset(stream, .random(in: 0...13, using: &random))
        case 8: return .windowUpdate(.random(in: 0...1 << 30, using: &random), on: ends ? stream : 0)
        case 9: return .settings([(.random(in: 0...8, using: &random), .random(in: 0...1 << 16, using: &random))])
        case 10: return .ping()
        case 11: return RawFrame(.goAway, on: 0, [0, 0, 0, 1, 0, 0, 0, 0])
        case 12: return HTTP2Peer.headers([("x-sum", "1")], on: stream, ends: ends)
        default:
            let kind = RawFrame.Kind(rawValue: .random(in: 0...9, using: &random)) ?? .unknown
            let payload = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            return RawFrame(kind, flags: .random(in: 0...255, using: &random), on: stream, payload)
        }
    }
}
