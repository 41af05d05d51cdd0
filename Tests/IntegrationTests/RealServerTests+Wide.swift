import Foundation
import Testing

/// Requests of which llama-server makes several tasks.
extension RealServerTests {
    @Test("two answers to one prompt take two slots, and leave both")
    func twoAnswers() async throws {
        try await withLlamaServers(1) { servers in
            let balancer = try await Paddler.balancer()
            let agent = try agent("a", of: servers[0], to: balancer)
            try await upstream("a", of: balancer) { $0.isAtRest && $0.slotsTotal == 2 }
            let port = balancer.port
            let body =
                #"{"messages":[{"role":"user","content":"Count."}],"n":2,"max_tokens":300,"ignore_eos":true}"#
            async let reply = RawClient.exchange("POST", "/v1/chat/completions", port: port, body: body)
            try await upstream("a", of: balancer) { $0.slotsLeased == 2 && $0.slotsIdle == 0 }
            struct Answer: Decodable {
                struct Choice: Decodable { let index: Int }
                let choices: [Choice]
            }
            let answer = try JSONDecoder().decode(Answer.self, from: Data(try await reply.body))
            #expect(answer.choices.map(\.index).sorted() == [0, 1])
            try await upstream("a", of: balancer) { $0.isAtRest }
            for process in [agent, balancer.process] { try await process.kill() }
        }
    }
}
