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
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.read(through: "data: 1\n\n\r\n")
            await upstream.close()
            _ = try await client.readToEnd()
            let metrics = await proxy.server.metrics()
            #expect(metrics.ownAnswers == [200: 1, 403: 1])
            #expect(metrics.fleet.answersCut == 1 && metrics.fleet.answerTime.count == 0)
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
            proxy.dispatcher.agentLeft(.init(rawValue: "\(proxy.upstreams[0].address)"))
            try await proxy.onLoop { $0.sweep() }
            let metrics = await proxy.server.metrics()
            #expect(metrics.upstreams.isEmpty && metrics.fleet.answersByClass[2] == 1)
        }
    }
}
