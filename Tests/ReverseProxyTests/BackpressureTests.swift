import NIOCore
import Testing

@testable import ReverseProxy

@Suite("Clients that don't read", .timeLimit(.minutes(1)))
struct BackpressureTests {
    /// What an event loop reads in one turn, and a write buffer's mark, and some.
    private static let bound = 1 << 20

    @Test("a slow client stops the reading from its upstream, and nothing is lost when it goes on")
    func slowClient() async throws {
        let body = String(repeating: "0123456789abcdef", count: 4 << 20)
        try await withProxy(slots: [2]) { proxy in
            let client = try await proxy.connect()
            try await client.stopReading()
            try await client.send(HTTP.completion(fields: ["Connection: close"]))
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            let sending = upstream.begin(sending: HTTP.answer(body))
            #expect(try await proxy.mostUnsentBytes() < Self.bound)

            // Others are served meanwhile.
            let (other, second) = try await proxy.ask(HTTP.get("/props"))
            try await second.send(HTTP.answer())
            #expect(try await other.readMessage().status == 200)

            try await client.resumeReading()
            #expect(try await client.readMessage().body == body)
            try await sending.get()
        }
    }

    @Test("a client that asks for more than it reads is not answered any further until it does")
    func pipeliningWithoutReading() async throws {
        let count = 50_000
        let requests =
            String(repeating: HTTP.get("/health"), count: count) + HTTP.get("/health", fields: ["Connection: close"])
        try await withProxy { proxy in
            let client = try await proxy.connect()
            try await client.stopReading()
            let sending = client.begin(sending: requests)
            try await proxy.until("answering") { $0.clients == 1 }
            #expect(try await proxy.mostUnsentBytes() < Self.bound)

            try await client.resumeReading()
            try await sending.get()
            let answers = try await client.readToEnd().text
            #expect(
                answers.utf8.split(separator: UInt8(ascii: "H")).count { $0.starts(with: "TTP/1.1 200".utf8) } == count
                    + 1
            )
        }
    }

    @Test("requests pipelined behind a running one wait in the kernel beyond a limit")
    func pipelinedBytes() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            let bodies = String(repeating: "x", count: 20 << 20)
            let sending = client.begin(sending: HTTP.completion(bodies))
            var most = 0
            for _ in 0..<2000 {
                most = max(most, try await proxy.onLoop { $0.clients.values.first?.received.heldBytes ?? 0 })
            }
            #expect(most < Self.bound)

            try await upstream.send(HTTP.answer("first"))
            #expect(try await upstream.readMessage().body == bodies)
            try await sending.get()
            try await upstream.send(HTTP.answer("second"))
            #expect(try await client.readMessage().body == "first")
            #expect(try await client.readMessage().body == "second")
        }
    }
}
