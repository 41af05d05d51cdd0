import LlamaServer
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What prompts are hashed with")
struct PromptSeedingTests {
    private let first = PromptSeeding(.cacheAware)
    private let second = PromptSeeding(.cacheAware)

    private func trail(_ seeding: PromptSeeding) -> PromptTrail? {
        let text = String(repeating: "a long prompt ", count: 40)
        let body = Array(#"{"messages":[{"role":"user","content":"\#(text)"}]}"#.utf8)
        var reader = DemandReader()
        let path = Array("/v1/chat/completions".utf8)
        return reader.demand(body.span, at: path.span, model: nil, session: nil, seeding.reading).trail
    }

    @Test("balancers that have one seed know each other's prompts, and others don't")
    func agreement() throws {
        #expect(trail(first) != nil && trail(first) != trail(second))
        // Whichever of the two is older.
        let changes = [first.adopt(second.seed), second.adopt(first.seed)]
        #expect(changes.count { $0 } == 1)
        #expect(trail(first) == trail(second))
    }

    @Test("a newer seed, and the same again, change nothing")
    func newer() {
        let (before, prompt) = (first.seed, trail(first))
        #expect(!first.adopt(PromptSeed(value: 1, madeAt: .max)))
        #expect(!first.adopt(before))
        #expect(first.seed == before && trail(first) == prompt)
    }
}
