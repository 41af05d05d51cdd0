import Testing

@testable import Agent
@testable import AgentRules
@testable import NIOAgent

@Suite("Asking a llama-server", .timeLimit(.minutes(1)))
struct LlamaServerProberTests {
    private let transport = NIOTransport()

    @Test("a key that cannot be sent is not told to anybody")
    func oddKey() async throws {
        let (_, llama) = try await LlamaStub.start()
        try await transport.withServerClient { client in
            let prober = LlamaServerProber(client: client, origin: "http://\(llama.address)", key: "secret\r\nx: y")
            guard case .failed(let reason) = await prober.answer(to: .slots, within: .seconds(10)) else {
                Issue.record("it was sent")
                return
            }
            #expect(!reason.contains("secret"))
        }
    }

    @Test("what doesn't answer in time is late, not broken")
    func late() async throws {
        let (_, llama) = try await LlamaStub.start(LlamaStub.State(isHanging: true))
        try await transport.withServerClient { client in
            let prober = LlamaServerProber(client: client, origin: "http://\(llama.address)", key: nil)
            #expect(await prober.answer(to: .health, within: .milliseconds(50)) == .timedOut)
        }
    }
}
