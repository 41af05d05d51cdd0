import Foundation
import Testing

/// Servers of several models behind one balancer.
extension RealServerTests {
    @Test("each of two models answers the requests that name it, and no others")
    func twoModels() async throws {
        try await withLlamaServers(arguments: ["--metrics", "--alias", "alpha"]) { alphas in
            try await withLlamaServers(arguments: ["--metrics", "--alias", "beta"]) { betas in
                let balancer = try await Paddler.balancer()
                let agents = [
                    try agent("a", of: alphas[0], to: balancer), try agent("b", of: betas[0], to: balancer),
                ]
                for name in ["a", "b"] { try await upstream(name, of: balancer) { $0.isAtRest && $0.slotsTotal == 2 } }

                let list = try await RawClient.exchange("GET", "/v1/models", port: balancer.port)
                #expect(list.status == 200 && list.text.contains(#""alpha""#) && list.text.contains(#""beta""#))

                for _ in 0..<10 { #expect(try await ask("alpha", balancer.port).status == 200) }
                #expect(try await promptTokens(alphas[0]) > 0)
                #expect(try await promptTokens(betas[0]) == 0)
                #expect(try await ask("beta", balancer.port).status == 200)
                #expect(try await promptTokens(betas[0]) > 0)

                let unknown = try await ask("gamma", balancer.port)
                #expect(unknown.status == 404 && unknown.text.contains("model_not_found"))
                let props = try await RawClient.exchange("GET", "/props?model=beta", port: balancer.port)
                #expect(props.text.contains(#""model_alias":"beta""#))
                for process in agents + [balancer.process] { try await process.kill() }
            }
        }
    }

    private func ask(_ model: String, _ port: Int) async throws -> HTTPReply {
        let body = #"{"model":"\#(model)","messages":[{"role":"user","content":"hello"}],"max_tokens":2}"#
        return try await RawClient.exchange("POST", "/v1/chat/completions", port: port, body: body)
    }

    private func promptTokens(_ server: LlamaServerProcess) async throws -> Double {
        let metrics = try await RawClient.exchange("GET", "/metrics", port: server.port).text
        let line = try #require(metrics.split(separator: "\n").first { $0.hasPrefix("llamacpp:prompt_tokens_total ") })
        return try #require(line.split(separator: " ").last.flatMap { Double($0) })
    }
}
