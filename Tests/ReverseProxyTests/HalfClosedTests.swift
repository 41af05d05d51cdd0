import NIOCore
import Testing

@testable import ReverseProxy

@Suite("Clients that have said all that they will", .timeLimit(.minutes(1)))
struct HalfClosedTests {
    private static let probe = "HTTP/1.1 100 Continue\r\n\r\n"

    @Test("a client that shuts its sending side behind its requests gets all answers, and then the end")
    func served() async throws {
        try await withProxy(slots: [0]) { proxy in
            let client = try await proxy.client(sending: HTTP.completion("1") + HTTP.completion("2"))
            try await proxy.until("queued") { $0.queued == 1 }
            try await client.finish()
            #expect(try await client.read(through: "\r\n\r\n") == Self.probe)
            proxy.report(proxy.upstreams[0], slots: 1)
            let upstream = try await proxy.upstreams[0].accept()
            for number in 1...2 {
                #expect(try await upstream.readMessage().body == "\(number)")
                try await upstream.send(HTTP.answer("\(number)"))
                #expect(try await client.readMessage().body == "\(number)")
            }
            #expect(try await client.readToEnd().text.isEmpty)
        }
    }

    @Test("its stream goes on, with a comment in it that asks whether it is there")
    func stream() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            #expect(try await client.read(through: "\n\n\r\n") == HTTP.chunk("data: 1\n\n"))
            try await client.finish()
            #expect(try await client.read(through: "\n\n\r\n").contains(": the request is in hand"))
            try await upstream.send(HTTP.lastChunk)
            #expect(try await client.readToEnd().text == HTTP.lastChunk)
        }
    }

    @Test("an answer of our own comes before the end")
    func ownAnswer() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: HTTP.get("/health"))
            try await client.finish()
            #expect(try await client.readMessage().status == 200)
            #expect(try await client.readToEnd().text.isEmpty)
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }

    @Test(
        "HTTP/1.0, and a request that isn't whole: a client that has shut its sending side has left",
        arguments: [
            "POST /completion HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}",
            "POST /completion HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n{}", "GET / HT",
        ]
    )
    func left(request: String) async throws {
        try await withProxy(slots: [0]) { proxy in
            let client = try await proxy.client(sending: request)
            try await proxy.until("there") { $0.clients == 1 && ($0.requests == 1 || request.hasPrefix("GET")) }
            try await client.finish()
            #expect(try await client.readToEnd().text.isEmpty)
            try await proxy.until("gone") { $0.clients == 0 }
        }
    }
}
