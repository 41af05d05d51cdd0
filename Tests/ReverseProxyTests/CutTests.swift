import Testing

@testable import ReverseProxy

@Suite("Answers that end before their end", .timeLimit(.minutes(1)))
struct CutTests {
    private static let message =
        #""message":"the llama.cpp server broke off this answer: what came so far is not all of it","type":"upstream_error""#
    private static let event = "data: {\"error\":{\"code\":502,\(message)}}\n\n"
    private static let anthropicEvent =
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"code\":502,\(message)}}\n\n"

    @Test(
        "a stream that is cut between two events ends with an error in its dialect, and without its last chunk",
        arguments: [
            ("/v1/chat/completions", event), ("/completion", event), ("/v1/messages", anthropicEvent),
        ]
    )
    func betweenEvents(path: String, event: String) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(path: path))
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            #expect(try await client.read(through: "data: 1\n\n\r\n") == HTTP.chunk("data: 1\n\n"))
            await upstream.close()
            #expect(try await client.readToEnd().text == HTTP.chunk(event))
        }
    }

    @Test("so does one that is cut before its first event, or reset, or that loses its framing", arguments: 0..<3)
    func otherwise(way: Int) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead)
            _ = try await client.readHead()
            switch way {
            case 0: await upstream.close()
            case 1: try await upstream.reset()
            default: try await upstream.send("nonsense\r\n")
            }
            #expect(try await client.readToEnd().text == HTTP.chunk(Self.event))
        }
    }

    @Test(
        "within a chunk or an event nothing is added",
        arguments: ["9\r\ndata:", "9\r\ndata: 1\n\n", "8\r\ndata: 1\n\r\n", "9\r\ndata: 1\n\n\r\n5", "1\r\n\n\r\n"]
    )
    func withinEvent(part: String) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 0") + part)
            _ = try await client.readHead()
            await upstream.close()
            #expect(try await client.readToEnd().text == HTTP.chunk("data: 0") + part)
        }
    }

    @Test(
        "an answer with a length comes short, an event stream too",
        arguments: ["application/json", "text/event-stream"],
        ["data: 1\n\n", "x"]
    )
    func contentLength(type: String, part: String) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            // As long as the part and the error event together: that would look whole.
            let length = part.utf8.count + Self.event.utf8.count
            try await upstream.send(
                "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\n\r\n\(part)"
            )
            _ = try await client.readHead()
            await upstream.close()
            #expect(try await client.readToEnd().text == part)
        }
    }

    @Test("an answer that ends with its connection is reset when its upstream was reset")
    func untilClose() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send("HTTP/1.1 200 OK\r\n\r\npart")
            _ = try await client.readHead()
            #expect(try await client.read(4) == "part")
            try await upstream.reset()
            #expect(try await client.end() == .reset)
        }
    }

    @Test("an HTTP/1.0 client whose answer is cut is reset", arguments: ["application/json", "text/event-stream"])
    func http10(type: String) async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "POST /completion HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}"
            )
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(
                "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n" + HTTP.chunk("data: 1")
            )
            _ = try await client.readHead()
            #expect(try await client.read(7) == "data: 1")
            await upstream.close()
            #expect(try await client.end() == .reset)
        }
    }

    @Test("unless it is an event stream between two events: then its last event says so")
    func http10BetweenEvents() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "POST /completion HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}"
            )
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            await upstream.close()
            let rest = try await client.readToEnd()
            #expect(rest.text == "data: 1\n\n" + Self.event)
            #expect(rest.end == .finished)
        }
    }

    @Test("what a stream before ended with says nothing about this one")
    func afterAnother() async throws {
        try await withProxy({ $0.proxy.timeouts.upstreamRest = .zero }) { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion() + HTTP.completion())
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1") + HTTP.lastChunk)
            _ = try await client.readMessage()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.eventStreamHead)
            _ = try await client.readHead()
            await upstream.close()
            #expect(try await client.readToEnd().text == HTTP.chunk(Self.event))
        }
    }
}
