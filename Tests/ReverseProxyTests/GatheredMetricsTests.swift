import AccessControl
import NIOCore
import Testing

@testable import ReverseProxy

@Suite("The servers' metrics", .timeLimit(.minutes(1)))
struct GatheredMetricsTests {
    private static let text = "# TYPE llamacpp:n counter\nllamacpp:n 21\n# TYPE llamacpp:g gauge\nllamacpp:g 1\n"

    @Test("of several servers they are one text, whoever is asked", arguments: [true, false])
    func several(allAnswer: Bool) async throws {
        try await withProxy(slots: [1, 1]) {
            $0.proxy.upstreamAPIKey = "key"
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.get("/metrics") + HTTP.get("/health"))
            for (index, upstream) in proxy.upstreams.enumerated() {
                let connection = try await upstream.accept()
                let request = try await connection.readMessage()
                #expect(request.startLine == "GET /metrics HTTP/1.1")
                #expect(request["Authorization"] == ["Bearer key"])
                let answers = allAnswer || index == 0
                try await connection.send(
                    answers ? HTTP.answer(Self.text) : HTTP.answer("no", status: "501 Not Implemented")
                )
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 200)
            #expect(answer["Content-Type"] == ["text/plain; version=0.0.4"])
            #expect(answer.body.contains("\nllamacpp:n \(allAnswer ? 42 : 21)\n"))
            #expect(answer.body.contains("llamacpp:g{upstream=\"\(proxy.upstreams[0].address)\"} 1\n"))
            #expect(answer.body.hasPrefix("# 1 of 2 servers have answered\n") == !allAnswer)
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("their answer says when counters begin anew, as one server's does", arguments: [[7, 3], [7, 4], [9], []])
    func restarts(starts: [Int]) async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: HTTP.get("/metrics"))
            for (index, upstream) in proxy.upstreams.enumerated() {
                let fields = index < starts.count ? ["Process-Start-Time-Unix: \(starts[index])"] : []
                try await upstream.accept().send(HTTP.answer(Self.text, fields: fields))
            }
            let answer = try await client.readMessage()
            let sum = starts.reduce(0, +)
            #expect(answer["Process-Start-Time-Unix"] == (starts.isEmpty ? [] : ["\(sum)"]))
        }
    }

    @Test("when none gives any, the client is told what to do")
    func none() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: HTTP.get("/metrics"))
            for upstream in proxy.upstreams { await (try upstream.accept()).close() }
            let answer = try await client.readMessage()
            #expect(answer.status == 502)
            #expect(answer.body.contains("--metrics"))
        }
    }

    @Test("when all are started without them, the client is told as by one of them alone")
    func off() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: HTTP.get("/metrics"))
            let text = #"{"error":{"code":501,"message":"no metrics here","type":"not_supported_error"}}"#
            for upstream in proxy.upstreams {
                try await upstream.accept().send(HTTP.answer(text, status: "501 Not Implemented"))
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 501 && answer.body == text)
        }
    }

    @Test("a client that leaves meanwhile hears nothing more")
    func left() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: HTTP.get("/metrics"))
            let connections = [try await proxy.upstreams[0].accept(), try await proxy.upstreams[1].accept()]
            await client.close()
            try await proxy.until("gone") { $0.clients == 0 }
            for connection in connections { try await connection.send(HTTP.answer(Self.text)) }
        }
    }

    @Test("one server's are its own")
    func one() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.get("/metrics"))
            try await upstream.send(HTTP.answer(Self.text))
            #expect(try await client.readMessage().body == Self.text)
        }
    }
}
