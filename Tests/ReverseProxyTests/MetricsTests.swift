import FleetMetrics
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What is counted", .timeLimit(.minutes(1)))
struct MetricsTests {
    @Test("an answer's status, times and tokens are its upstream's")
    func answer() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            try await upstream.send(HTTP.eventStreamHead)
            _ = try await client.readHead()
            var metrics = try #require(await proxy.server.metrics().upstreams[proxy.upstreams[0].address])
            #expect(metrics.answersByClass[2] == 1 && metrics.timeToFirstByte.count == 1)
            #expect(metrics.timeToFirstToken.count == 0 && metrics.answerTime.count == 0)

            // A comment isn't a token.
            let comment = ": delayed..\n\n"
            #expect(HTTP.chunk(comment).hasPrefix("d\r\n"), "its size reads like the start of an event")
            try await upstream.send(HTTP.chunk(comment))
            #expect(try await client.read(through: comment + "\r\n") == HTTP.chunk(comment))
            #expect(await proxy.server.metrics().fleet.timeToFirstToken.count == 0)

            let usage = "data: {\"timings\":{\"cache_n\":3,\"prompt_n\":4,\"prompt_ms\":1.5,\"predicted_n\":5}}\n\n"
            try await upstream.send(HTTP.chunk("data: {}\n\n") + HTTP.chunk(usage) + HTTP.chunk("data: [DONE]\n\n"))
            try await upstream.send(HTTP.lastChunk)
            _ = try await client.read(through: HTTP.lastChunk)
            try await proxy.untilIdle()
            metrics = try #require(await proxy.server.metrics().upstreams[proxy.upstreams[0].address])
            #expect(metrics.tokens == TokenCounts(promptComputed: 4, promptCached: 3, generated: 5))
            #expect(metrics.timeToFirstToken.count == 1 && metrics.answerTime.count == 1)
            #expect(metrics.connectionsOpened == 1 && metrics.bytesSent > 0 && metrics.bytesReceived > 0)
            #expect(await proxy.server.metrics().queueWait.count == 1)
        }
    }

    @Test("tokens are counted while they come, and stay counted when their client leaves", arguments: [true, false])
    func live(saysTimings: Bool) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask()
            let timings = saysTimings ? #","timings":{"cache_n":3,"prompt_n":4,"predicted_n":2}"# : ""
            let event = #"data: {"choices":[]\#(timings)}"# + "\n\n"
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: {}\n\n" + event))
            _ = try await client.read(through: event + "\r\n")
            #expect(await proxy.server.metrics().fleet.tokens.generated == 1)
            try await upstream.send(HTTP.chunk(event))
            _ = try await client.read(through: event + "\r\n")
            #expect(await proxy.server.metrics().fleet.tokens.generated == 2)
            await client.close()
            try await proxy.until("gone") { $0.clients == 0 }
            await upstream.close()
            try await proxy.untilIdle()
            let tokens = await proxy.server.metrics().fleet.tokens
            let (computed, cached) = saysTimings ? (4, 3) : (0, 0)
            #expect(tokens == TokenCounts(promptComputed: computed, promptCached: cached, generated: 2))
        }
    }

    private static let messageStart =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":"
        + "{\"cache_read_input_tokens\":62,\"input_tokens\":1,\"output_tokens\":0}}}\n\n"

    @Test(
        "a stream of Anthropic's tells at its start what the prompt cost, and its client may leave",
        arguments: [0, 1, 40],
        [true, false]
    )
    func messageStream(deltas: Int, isWhole: Bool) async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(path: "/v1/messages"))
            let start = HTTP.chunk(":\n\n") + HTTP.chunk(Self.messageStart)
            let cut = start.index(start.endIndex, offsetBy: -40)
            try await upstream.send(HTTP.eventStreamHead + start[..<cut])
            _ = try await client.read(through: String(start[..<cut].suffix(20)))
            let delta = HTTP.chunk("event: content_block_delta\ndata: {\"delta\":{\"text\":\"a token\"}}\n\n")
            let blockStop = HTTP.chunk("event: content_block_stop\ndata: {\"index\":0}\n\n")
            let middle = String(repeating: delta, count: deltas) + blockStop
            try await upstream.send(start[cut...] + middle)
            _ = try await client.read(through: blockStop)
            if isWhole {
                let usage = "event: message_delta\ndata: {\"delta\":{},\"usage\":{\"output_tokens\":50}}\n\n"
                let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
                try await upstream.send(HTTP.chunk(usage) + HTTP.chunk(stop) + HTTP.lastChunk)
                _ = try await client.read(through: HTTP.lastChunk)
            } else {
                await client.close()
                try await proxy.until("gone") { $0.clients == 0 }
                await upstream.close()
            }
            try await proxy.untilIdle()
            var expected = TokenCounts(promptComputed: 1, promptCached: 62, generated: isWhole ? 50 : deltas + 1)
            #expect(await proxy.server.metrics().fleet.tokens == expected)

            guard !isWhole else { return }
            // Nothing of it was taken for too much, which the next answer would make up for.
            let (next, nextUpstream) = try await proxy.ask(HTTP.completion(path: "/v1/messages"))
            let whole = #"{"usage":{"cache_read_input_tokens":3,"input_tokens":2,"output_tokens":9}}"#
            try await nextUpstream.send(HTTP.answer(whole))
            _ = try await next.readMessage()
            try await proxy.untilIdle()
            expected.add(TokenCounts(promptComputed: 2, promptCached: 3, generated: 9))
            #expect(await proxy.server.metrics().fleet.tokens == expected)
        }
    }

    @Test("an answer's start is its own: the next one over the same connection tells of itself or of nothing")
    func startOfAnother() async throws {
        try await withProxy({ $0.proxy.timeouts.upstreamRest = .zero }) { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(path: "/v1/messages"))
            let end = HTTP.chunk("data: {\"usage\":{\"output_tokens\":5}}\n\n") + HTTP.lastChunk
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk(Self.messageStart) + end)
            _ = try await client.read(through: HTTP.lastChunk)
            try await proxy.untilIdle()
            try await client.send(HTTP.completion(path: "/v1/messages"))
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: {\"type\":\"error\"}\n\n") + end)
            _ = try await client.read(through: HTTP.lastChunk)
            try await proxy.untilIdle()
            let tokens = await proxy.server.metrics().fleet.tokens
            #expect((tokens.promptComputed, tokens.promptCached) == (1, 62))
        }
    }

    @Test("what was counted too much of one answer is made up for by the next, and the counter never falls")
    func overcounted() async throws {
        try await withProxy({ $0.proxy.timeouts.upstreamRest = .zero }) { proxy in
            let (client, upstream) = try await proxy.ask()
            for (answer, expected) in [4, 6, 8].enumerated() {
                if answer > 0 {
                    try await client.send(HTTP.completion())
                    _ = try await upstream.readMessage()
                }
                let others = String(repeating: "data: {}\n\n", count: 4)
                let last = "data: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n"
                try await upstream.send(HTTP.eventStreamHead + HTTP.chunk(others))
                _ = try await client.read(through: others + "\r\n")
                try await upstream.send(HTTP.chunk(last) + HTTP.lastChunk)
                _ = try await client.read(through: HTTP.lastChunk)
                try await proxy.untilIdle()
                let tokens = await proxy.server.metrics().fleet.tokens.generated
                #expect(tokens == expected, "after \(answer + 1) answers of 2 tokens in 5 events")
            }
        }
    }

    @Test("answers of the balancer's own are counted by status, and cut ones as cut")
    func others() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: HTTP.get("/health"))
            _ = try await client.readMessage()
            try await client.send(HTTP.get("/slots"))
            _ = try await client.readMessage()
            try await client.send(HTTP.completion())
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 0\n\n") + HTTP.chunk("data: 1\n\n"))
            _ = try await client.read(through: "data: 1\n\n\r\n")
            await upstream.close()
            _ = try await client.readToEnd()
            let metrics = await proxy.server.metrics()
            #expect(metrics.ownAnswers == [200: 1, 403: 1])
            #expect(metrics.fleet.answersCut == 1 && metrics.fleet.answerTime.count == 0)
            #expect(metrics.fleet.tokens.generated == 1, "the first of two events has none")
            #expect(metrics.clientsAccepted == 1)
        }
    }

    @Test("an upstream that is no more still counts in the totals")
    func former() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(fields: ["Connection: close"]))
            try await upstream.send(HTTP.answer(fields: ["Connection: close"]))
            _ = try await client.readToEnd()
            try await proxy.untilIdle()
            proxy.dispatcher.agentLeft(.init(rawValue: "\(proxy.upstreams[0].address)"), .goodbye)
            try await proxy.onLoop { $0.sweep() }
            let metrics = await proxy.server.metrics()
            #expect(metrics.upstreams.isEmpty && metrics.fleet.answersByClass[2] == 1)
        }
    }
}
