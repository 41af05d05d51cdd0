import Foundation
import SeededRandom
import Testing

@testable import FakeLlamaServer

/// That bytes arrive as they were sent, whatever their number and whoever is slow.
@Suite("Bytes through a running balancer", .serialized)
struct BytesTests {
    private static let path = "/v1/chat/completions"

    // MARK: - Whole

    @Test("20 MiB arrive unchanged and come back unchanged", arguments: ["sized", "chunked"])
    func large(framing: String) async throws {
        var generator = SplitMix64(seed: 20)
        let body = generator.bytes(20 << 20)
        try await withFleet(servers: 1) { fleet in
            let client = try fleet.connect()
            let start = "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nX-Fake-Echo: 1\r\n"
            if framing == "sized" {
                try await client.send(start + "Content-Length: \(body.count)\r\n\r\n")
                try await client.send(body, within: .seconds(60))
            } else {
                try await client.send(start + "Transfer-Encoding: chunked\r\n\r\n")
                try await client.send(generator.chunked(body, atMost: 100_000), within: .seconds(60))
            }
            let reply = try await client.reply(within: .seconds(60))
            #expect(reply.status == 200)
            #expect(reply.endedCleanly)
            let end = try #require(reply.body.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
            let head = String(decoding: reply.body[..<end], as: UTF8.self).replacing(/: +/, with: ": ")
            // The server gets one form for all.
            #expect(head.contains("\r\nContent-Length: \(body.count)\r\n"))
            #expect(!head.contains("Transfer-Encoding"))
            // Data compares quickly in debug builds, too.
            #expect(Data(reply.body[end...]) == Data(body))
        }
    }

    @Test("a request whose bytes come one by one is whole, and so is an answer")
    func byteByByte() async throws {
        try await withFleet(servers: 1, serverArguments: ["--token-delay", "0ms"]) { fleet in
            let client = try fleet.connect()
            let headers = ["X-Fake-Fault": FaultKind.trickle.rawValue, "X-Fake-Answer-Bytes": "0"]
            let request = RawClient.request("POST", Self.path, headers: headers, body: #"{"a":1}"#)
            for byte in request.utf8 { try await client.send([byte]) }
            let reply = try await client.reply(within: .seconds(60))
            #expect(reply.status == 200)
            #expect(reply.endedCleanly)
            #expect(reply.facts?.bodyBytes == 7)
        }
    }

    @Test(
        "a body that is larger than allowed is refused, whether its size is said or found out",
        arguments: [true, false]
    )
    func tooLarge(isSized: Bool) async throws {
        try await withFleet(servers: 1, balancerArguments: ["--max-request-body", "1MiB"]) { fleet in
            let client = try fleet.connect()
            let start = "POST \(Self.path) HTTP/1.1\r\nHost: x\r\n"
            if isSized {
                try await client.send(start + "Content-Length: 1048577\r\n\r\n")
            } else {
                let chunk = String(repeating: "x", count: 1 << 20) + "\r\n1\r\n"
                try await client.send(start + "Transfer-Encoding: chunked\r\n\r\n100000\r\n" + chunk + "x")
            }
            let reply = try await client.reply()
            #expect(reply.status == 413)
            #expect(reply.endedCleanly)
            #expect(
                reply.failure?.message
                    == "the request body is larger than the 1048576 bytes that --max-request-body allows"
            )
            #expect(try await fleet.servers[0].counts().requestsReceived == 0)
        }
    }

    @Test("when waiting bodies take up all that may be held, the next is refused, and their end makes room")
    func tooMuchHeld() async throws {
        let limits = ["--max-request-body", "1MiB", "--max-buffered-bytes", "3MiB"]
        let body = String(repeating: "x", count: 1 << 20)
        try await withFleet(servers: 1, slots: 1, balancerArguments: limits) { fleet in
            // Its own small body is held, too.
            let holders = try await fleet.balancer.occupySlots(1)
            var waiting: [RawClient] = []
            for number in 1...2 {
                let client = try fleet.connect()
                try await client.send(RawClient.request("POST", Self.path, body: body))
                waiting.append(client)
                try await fleet.balancer.waitUntilWaiting(number)
            }
            let refusal = try await fleet.exchange(body: body)
            #expect(refusal.status == 429)
            #expect(refusal["Retry-After"] == "1")
            #expect(refusal.failure?.message.contains("the 3145728 bytes that --max-buffered-bytes allows") == true)
            for client in waiting + holders { await client.close() }
            try await eventually("status", equals: 200) { try await fleet.exchange(body: body).status }
        }
    }

    // MARK: - Heads

    @Test("the server gets the head as the client wrote it, host and key first, but for what belongs to the connection")
    func head() async throws {
        try await withFleet(servers: 1) { fleet in
            let client = try fleet.connect()
            try await client.send(
                """
                POST /v1/chat/completions?a=%20b&c HTTP/1.1\r
                hOsT: models.example:81\r
                X-Odd:   two  words \r
                Authorization: Bearer secret\r
                Connection: keep-alive, X-Hop\r
                X-Hop: 1\r
                TE: trailers\r
                X-Forwarded-For: 192.0.2.9\r
                X-Request-Id: given-1\r
                X-Fake-Echo: 1\r
                Content-Length: 2\r
                \r
                {}
                """
            )
            let reply = try await client.reply()
            #expect(
                reply.text.replacing(/Via: 1.1 paddler-[0-9a-f]{16}\r\n/, with: "") == """
                    POST /v1/chat/completions?a=%20b&c HTTP/1.1\r
                    hOsT: models.example:81\r
                    Authorization: Bearer secret\r
                    X-Odd:   two  words \r
                    X-Fake-Echo: 1\r
                    Content-Length: 2\r
                    X-Forwarded-For: 192.0.2.9, 127.0.0.1\r
                    X-Forwarded-Proto: http\r
                    X-Request-Id: given-1\r
                    \r
                    {}
                    """
            )
            #expect(reply.values("X-Request-Id") == ["given-1"])
            // The server's keep-alive is between it and the balancer, which says its own.
            #expect(reply["Keep-Alive"] == "timeout=75")
        }
    }

    @Test("requests that are sent without waiting for answers get them in order, and no server sees two at once")
    func pipelined() async throws {
        try await withFleet(serverArguments: ["--token-delay", "0ms"]) { fleet in
            let client = try fleet.connect()
            var requests = ""
            for number in 0..<50 {
                requests += RawClient.request("POST", Self.path, body: String(repeating: "x", count: number))
                requests += RawClient.request("GET", "/v1/models")
            }
            try await client.send(requests)
            for number in 0..<50 {
                #expect(try await client.reply().facts?.bodyBytes == number)
                #expect(try await client.reply().text.contains(#""object":"list""#))
            }
            for server in fleet.servers { #expect(try await server.counts().pipelinedRequests == 0) }
            try await fleet.waitUntilAtRest()
        }
    }

    // MARK: - Slow readers

    @Test("a client that does not read stops its own server's answer and nothing else, and gets all of it when it does")
    func slowReader() async throws {
        try await withFleet(servers: 1, serverArguments: ["--token-delay", "0ms"]) { fleet in
            let slow = try await fleet.balancer.startUnreadStream()
            for _ in 0..<50 { #expect(try await fleet.exchange(body: "{}").status == 200) }
            // All buffers on the way are full long since, the balancer's own among them.
            #expect(try await fleet.servers[0].counts().requestsCompleted == 50)

            let bytes = try await slow.readToEnd(within: .seconds(60)).bytes
            #expect(UnreadStream.isWhole(bytes))
            #expect(UnreadStream.tokens(in: bytes) == Array(0..<UnreadStream.tokens))
            try await fleet.waitUntilAtRest()
            #expect(try await fleet.servers[0].counts().requestsCompleted == 51)
        }
    }
}
