import LlamaServer
import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What streamed chats are told of loads", .timeLimit(.minutes(1)))
struct LoadingStateTests {
    private static let ask = #"{"model":"m \"1\"","stream":true}"#
    private static let path = "/v1/chat/completions"

    /// A proxy with one upstream, whose model is being loaded.
    private func withLoadingModel(
        isTold: Bool = true,
        _ body: (TestProxy, ScriptedUpstream) async throws -> Void
    )
        async throws
    {
        try await withProxy(slots: []) {
            $0.proxy.tellsLoading = isTold
        } _: { proxy in
            try await proxy.stopTime()
            let upstream = try await ScriptedUpstream.start()
            report(proxy, upstream, .loading)
            try await body(proxy, upstream)
            try await upstream.stop()
        }
    }

    private func report(_ proxy: TestProxy, _ upstream: ScriptedUpstream, _ condition: Condition) {
        let now = proxy.dispatcher.now()
        proxy.dispatcher.reported(
            UpstreamReport(
                agent: AgentID(rawValue: "agent"),
                name: "rack/m",
                route: UpstreamRoute(address: upstream.address),
                condition: condition,
                slots: condition == .ready ? SlotSample(total: 1, processing: 0, taken: now...now) : nil,
                models: ["m"],
                onDemand: OnDemand(host: "h", hostMemory: 10, memory: 6, loadTime: .seconds(12)),
                maximumSilence: .seconds(3600)
            )
        )
    }

    private func chunk(_ text: String) -> String {
        #"{"choices":[{"finish_reason":null,"index":0,"delta":{"reasoning_content":"\#(text)"}}],"created":"#
    }

    private func readEvent(_ client: RawConnection) async throws -> String {
        try await client.read(through: "\n\n\r\n")
    }

    @Test("at once, each second, and at the end; then the answer goes on, and the connection with it")
    func told() async throws {
        try await withLoadingModel { proxy, upstream in
            let client = try await proxy.client(sending: HTTP.completion(Self.ask, path: Self.path))
            #expect(try await client.readHead()["Content-Type"] == ["text/event-stream"])
            let first = try await readEvent(client)
            #expect(first.contains(chunk("Loading m on rack/m, which took 12 s last time")))
            #expect(first.contains(#""model":"m \"1\"","object":"chat.completion.chunk"}"#))
            try await proxy.pass(.seconds(2))
            // More where the machine is slow.
            #expect(try await readEvent(client).contains(/"reasoning_content":" … \d+ s"/))
            report(proxy, upstream, .ready)
            let connection = try await upstream.accept()
            _ = try await connection.readMessage()
            #expect(try await readEvent(client).contains(chunk("\\nLoaded.\\n\\n")))
            let events = HTTP.chunk("data: 1\n\n") + HTTP.chunk("data: [DONE]\n\n") + HTTP.lastChunk
            try await connection.send(HTTP.eventStreamHead + events)
            #expect(try await client.read(through: HTTP.lastChunk) == events)
            try await client.send(HTTP.get("/health"))
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("an error comes as an event behind it")
    func error() async throws {
        try await withLoadingModel { proxy, _ in
            let client = try await proxy.client(sending: HTTP.completion(Self.ask, path: Self.path))
            _ = try await client.readHead()
            _ = try await readEvent(client)
            proxy.dispatcher.rejectAll()
            #expect(try await client.read(through: HTTP.lastChunk).contains(#"data: {"error":{"code":503"#))
        }
    }

    @Test(
        "nobody else is: what is no chat, what is no stream, and where it isn't wanted",
        arguments: [
            (LoadingStateTests.path, "{}", true),
            ("/v1/completions", #"{"stream":true}"#, true),
            ("/v1/messages", #"{"stream":true}"#, true),
            (LoadingStateTests.path, #"{"stream":true}"#, false),
        ]
    )
    func untold(path: String, body: String, isTold: Bool) async throws {
        try await withLoadingModel(isTold: isTold) { proxy, upstream in
            let client = try await proxy.client(sending: HTTP.completion(body, path: path))
            try await proxy.until("queued") { $0.queued == 1 }
            try await proxy.pass(.seconds(2))
            report(proxy, upstream, .ready)
            let connection = try await upstream.accept()
            _ = try await connection.readMessage()
            try await connection.send(HTTP.answer("own", status: "418 Teapot"))
            let answer = try await client.readMessage()
            #expect(answer.status == 418 && answer.body == "own")
        }
    }
}
