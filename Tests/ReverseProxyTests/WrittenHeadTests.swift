import HTTPFraming
import NIOCore
import SeededRandom
import Testing

@testable import ReverseProxy

/// The room for a message is made before it is written, and a piece that found none would end the process.
@Suite("Heads as upstreams get them", .timeLimit(.minutes(1)))
struct WrittenHeadTests {
    private static let targets = [
        "/completion", "/v1/chat/completions?a=b", "http://elsewhere:8080/completion", "http://a?b", "http://a",
        "/health",
        "/" + String(repeating: "x", count: 5000),
    ]
    private static let fields = [
        "X-Forwarded-For:a", "X-Forwarded-For:", "X-Forwarded-For: 10.0.0.1, 10.0.0.2", "X-Forwarded-Proto: https",
        "X-Request-Id: \(String(repeating: "i", count: 128))", "X-Request-Id:i", "X-Api-Key:k",
        "Authorization: Bearer k",
        "Cookie: a; paddler=1; b", "Cookie:;paddler;;c;d;e;f", "Via: 1.1 a", "Forwarded: for=a", "Origin: http://a",
        "X-Conversation-Id: c", "TE: trailers", "Keep-Alive: 1", "A:b",
        "B: \(String(repeating: "b", count: 300))",
    ]

    @Test("whatever a head is made of, there is room for what is made of it", arguments: 0..<300 as Range<UInt64>)
    func room(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let version = random.once(in: 3) ? "HTTP/1.0" : "HTTP/1.1"
        let hasHost = version == "HTTP/1.1" || random.once(in: 2)
        let lines = (0..<random.below(random.pick([3, 20, 200]))).map { _ in random.pick(Self.fields) }
        let start = ["POST \(random.pick(Self.targets)) \(version)", "Connection: keep-alive, a"]
        let head = start + (hasHost ? ["Host: here"] : []) + lines
        let request = (head + ["Content-Length: 2", "", "{}"]).joined(separator: "\r\n")
        guard let message = try HeldMessage.of([Array(request.utf8)]) else {
            // It needs no slot, and there is no server.
            return #expect(!request.contains("/completion ") && !request.contains("/v1/chat/completions"))
        }

        let bytes = Array(message.readableBytesView)
        // What is added may be a byte or a field too many.
        var limits = HeadLimits()
        limits.maximumBytes += 1000
        limits.maximumFields += 10
        var written = RequestHead(limits: limits)
        #expect(try written.parse(bytes.span))
        #expect(bytes[written.length...].elementsEqual("{}".utf8))
        let clients = lines.filter { $0.hasPrefix("X-Forwarded-For:") }.map { $0.dropFirst(16).trimmed }
        let expected = (clients.filter { !$0.isEmpty } + [HeldMessage.clientAddress]).joined(separator: ", ")
        let forwarded = written.fields.filter { $0.field == .forwardedFor }
        #expect(forwarded.map { String(decoding: bytes[$0.value], as: UTF8.self) } == [expected])
    }
}

extension Substring {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
