import Foundation
import Testing

/// Conversations over several servers, and the prompts in their caches.
extension RealServerTests {
    @Test(
        "a conversation's next turn goes to the server that has its prompt",
        arguments: ["cache-aware", "least-busy"]
    )
    func nextTurn(policy: String) async throws {
        try await withLlamaServers(2) { servers in
            let balancer = try await Paddler.balancer(["--balance", policy])
            var agents: [ChildProcess] = []
            for (name, server) in zip(["a", "b"], servers) {
                agents.append(try agent(name, of: server, to: balancer))
                // The first to come is the first of equals.
                try await upstream(name, of: balancer) { $0.isAtRest && $0.slotsTotal == 2 }
            }
            let chat = String(repeating: "Tell me of servers that know what was said. ", count: 30)
            let occupied = try await EndlessStream(port: balancer.port)
            #expect(try await found(in: [chat], balancer.port) < 200)
            await occupied.leave()
            for name in ["a", "b"] { try await upstream(name, of: balancer) { $0.isAtRest } }

            // Both are idle, and the least busy of equals is the other one.
            let found = try await found(in: [chat, "It was said.", "And what then?"], balancer.port)
            #expect(policy == "cache-aware" ? found > 500 : found < 200)
            for process in agents + [balancer.process] { try await process.kill() }
        }
    }

    /// - Parameter messages: the user's and the assistant's in turn.
    /// - Returns: how many tokens of the prompt lay in the server's cache.
    private func found(in messages: [String], _ port: Int) async throws -> Int {
        let said = messages.enumerated().map { index, text in
            #"{"role":"\#(index.isMultiple(of: 2) ? "user" : "assistant")","content":"\#(text)"}"#
        }
        let body = #"{"messages":[\#(said.joined(separator: ","))],"max_tokens":2}"#
        let reply = try await RawClient.exchange("POST", "/v1/chat/completions", port: port, body: body)
        struct Answer: Decodable {
            struct Timings: Decodable { let cache_n: Int }
            let timings: Timings
        }
        return try JSONDecoder().decode(Answer.self, from: Data(reply.body)).timings.cache_n
    }
}
