import Foundation
import Testing

/// What answers say of their tokens reaches the balancer's metrics.
extension RealServerTests {
    @Test(
        "prompts' tokens are those that the server has computed and found, in whatever words an answer says so",
        arguments: ["/v1/messages", "/v1/responses", "/v1/chat/completions"],
        [true, false]
    )
    func promptTokens(path: String, streams: Bool) async throws {
        try await withRealFleet(servers: 1, slots: 1, serverArguments: ["--metrics"]) { fleet in
            var seen: [(computed: Int, cached: Int)] = []
            for round in 1...2 {
                let reply = try await RawClient.exchange(
                    "POST",
                    path,
                    port: fleet.balancer.port,
                    body: Self.question(path, streams: streams),
                    within: .seconds(60)
                )
                #expect(reply.status == 200)
                let metrics = try await RawClient.exchange("GET", "/metrics", port: fleet.balancer.managementPort).text
                let computed = try count("paddler_upstream_tokens_total", #"kind="prompt_computed""#, in: metrics)
                let cached = try count("paddler_upstream_tokens_total", #"kind="prompt_cached""#, in: metrics)
                seen.append((computed, cached))
                let server = try await RawClient.exchange("GET", "/metrics", port: fleet.servers[0].port).text
                #expect(try computed == count("llamacpp:prompt_tokens_total", "", in: server), "after round \(round)")
                let generated = try count("llamacpp:tokens_predicted_total", "", in: server)
                try await eventually("the usage of round \(round)", equals: [round, computed, cached, generated]) {
                    try await usage(fleet.balancer)
                }
            }
            // The same prompt again comes from the cache.
            let (first, both) = (seen[0], seen[1])
            #expect(first.computed > 1 && first.cached == 0)
            #expect(both.cached > 0 && both.computed + both.cached == 2 * first.computed)
            try await fleet.waitUntilAtRest()
        }
    }

    /// Of everybody: requests, and tokens of the three kinds.
    private func usage(_ balancer: RunningBalancer) async throws -> [Int] {
        struct Usage: Decodable {
            struct Total: Decodable { let requests, tokens_computed, tokens_cached, tokens_generated: Int }
            let total: Total
        }
        let reply = try await RawClient.exchange("GET", "/api/v1/usage", port: balancer.managementPort)
        let total = try JSONDecoder().decode(Usage.self, from: Data(reply.body)).total
        return [total.requests, total.tokens_computed, total.tokens_cached, total.tokens_generated]
    }

    private static func question(_ path: String, streams: Bool) -> String {
        let words = "Tell me of the hedgehog and the hare."
        let prompt =
            path == "/v1/responses"
            ? #""input":"\#(words)","max_output_tokens":4"#
            : #""messages":[{"role":"user","content":"\#(words)"}],"max_tokens":4"#
        return #"{"model":"tiny",\#(prompt),"stream":\#(streams)}"#
    }

    private func count(_ name: String, _ label: String, in metrics: String) throws -> Int {
        let line = try #require(
            metrics.split(separator: "\n").first { $0.hasPrefix(name) && (label.isEmpty || $0.contains(label)) },
            "no \(name) \(label)"
        )
        return try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }
}
