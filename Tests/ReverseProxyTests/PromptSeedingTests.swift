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
        let (one, other) = try (#require(first.seed), #require(second.seed))
        let changes = [first.adopt(other), second.adopt(one)]
        #expect(changes.count { $0 } == 1)
        #expect(trail(first) == trail(second))
    }

    @Test("a newer seed, and the same again, change nothing")
    func newer() throws {
        let (before, prompt) = (first.seed, trail(first))
        #expect(!first.adopt(PromptSeed(value: 1, madeAt: .max)))
        #expect(!first.adopt(try #require(before)))
        #expect(first.seed == before && trail(first) == prompt)
    }

    @Test("whoever comes with ever older seeds has prompts forgotten no more than so many times")
    func everOlder() {
        let older = (1...200).map { PromptSeed(value: 1, madeAt: -$0) }
        #expect(older.map(first.adopt) == older.indices.map { $0 < PromptSeeding.mostAdopted })
        #expect(first.seed == older[PromptSeeding.mostAdopted - 1])
    }

    @Test(
        "a balancer that makes nothing of prompts has no seed to tell, and takes none",
        arguments: [Balance.leastBusy, .mostIdle]
    )
    func noPrompts(balance: Balance) {
        let seeding = PromptSeeding(balance)
        #expect(seeding.seed == nil && !seeding.adopt(PromptSeed(value: 1, madeAt: 1)))
    }
}
