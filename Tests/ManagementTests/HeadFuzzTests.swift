import AccessControl
import Foundation
import SeededRandom
import Testing

@testable import Management

/// Damaged heads of requests to the management listener, over its own connections.
@Suite("Damaged heads of requests to the management listener")
struct HeadFuzzTests {
    private static let headsPerBatch: UInt64 = 50
    /// More of them: `FUZZ_BATCHES=1000 swift test --filter HeadFuzzTests`.
    private static let batches = UInt64(ProcessInfo.processInfo.environment["FUZZ_BATCHES"] ?? "") ?? 10
    private static let token = "s3cretT0ken"

    @Test("whatever stands in a head, nobody gets in without a token or a session, and everybody else still does")
    func damaged() async throws {
        let harness = ManagementHarness(tokens: KeyRing(KeySet([Self.token]), isClosed: true))
        try await harness.run { client in
            var admitted = 0
            var refused = 0
            for batch in 0..<Self.batches {
                // Sessions end, and here time flies.
                let session = try await session(client)
                let id = try #require(session.split(separator: "=").last)
                for seed in batch * Self.headsPerBatch..<(batch + 1) * Self.headsPerBatch {
                    var generator = DamagedHead(seed: seed, token: Self.token, session: session)
                    let head = generator.next()
                    // Or else all but the first few who guess would be held up for a second.
                    harness.fleet.advance(by: WrongTokens.memory + .seconds(1))
                    let status = try await status(of: head, client)
                    let text = String(decoding: head, as: UTF8.self)
                    let told: Comment = "seed \(seed): \(text.debugDescription) got \(status ?? "no answer")"
                    #expect(status?.hasPrefix("5") != true, told)
                    if status?.hasPrefix("2") == true {
                        admitted += 1
                        #expect(text.contains(id) || text.contains(Self.token), told)
                    } else {
                        refused += 1
                    }
                }
                #expect(try await client.send("GET", "/api/v1/agents", headers: ["cookie": session]).status == 200)
            }
            // Or else it would say little.
            #expect(admitted > refused / 20)
            #expect(refused > admitted)
        }
    }

    private func session(_ client: TestClient) async throws -> String {
        let form = ["content-type": "application/x-www-form-urlencoded"]
        let reply = try await client.send("POST", "/login", headers: form, body: "token=\(Self.token)")
        return try #require(reply.cookie)
    }

    /// - Returns: nil if the connection was closed instead.
    private func status(of head: [UInt8], _ client: TestClient) async throws -> String? {
        try await RawConnection.with(client.address) { connection in
            try await connection.say(head)
            guard let answer = try? await connection.hear(to: "\r\n") else { return nil }
            let words = answer.split(separator: " ")
            return words.count > 1 ? String(words[1]) : answer
        }
    }
}

/// The head of a request for what is closed, with some of its bytes and lines changed; the same for the same seed.
private struct DamagedHead {
    private static let alphabet = Array(" \t:;,=\"\\%/?#.-_aZ09\r\n\u{0}\u{7}\u{7F}".utf8) + [0x80, 0xC3, 0xFF]

    private let lines: [String]
    private var random: SplitMix64

    /// - Parameter session: as a browser sends it: the name of its cookie, too.
    init(seed: UInt64, token: String, session: String) {
        random = SplitMix64(seed: seed)
        let stale = String(repeating: "0", count: 64)
        lines = [
            "Cookie: \(session)", "Cookie: theme=dark; \(session)", "Cookie: \(session.dropLast())",
            "Cookie: paddler_session=\(stale)", "Cookie: paddler_session=", "Cookie: =; ;paddler_session",
            "Cookie: \(String(repeating: "a=b; ", count: 500))", "Authorization: Bearer \(token)",
            "Authorization: Bearer", "Authorization: Basic \(stale)", "authorization: bearer  \(token.dropLast())",
            "Accept: text/html", "Accept: text/html;q=0.9, */*;q=0.1", "Origin: http://127.0.0.1",
            "Sec-Fetch-Site: cross-site", "X-Forwarded-Proto: https", "Last-Event-ID: 7",
        ]
    }

    mutating func next() -> [UInt8] {
        let target = random.pick(["/api/v1/agents", "/api/v1/buffered_requests", "/metrics"])
        var start = Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\n".utf8)
        var fields: [UInt8] = []
        for _ in 0...random.below(3) { fields += Array((random.pick(lines) + "\r\n").utf8) }
        // Nothing behind a start that can't be read is looked at.
        if random.once(in: 4) { random.damage(&start, mostChanges: 3, alphabet: Self.alphabet) }
        random.damage(&fields, mostChanges: 4, alphabet: Self.alphabet)
        return start + fields + Array("\r\n\r\n".utf8)
    }
}
