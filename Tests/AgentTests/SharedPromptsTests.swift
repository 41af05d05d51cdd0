import AgentProtocol
import AgentRules
import LlamaServer
import Testing

@Suite("Prompts that balancers tell an agent of")
struct SharedPromptsTests {
    private let older = PromptSeed(value: 9, madeAt: 1000)
    private let newer = PromptSeed(value: 1, madeAt: 2000)

    @Test("who has a newer seed is told the oldest, until it has taken it")
    func oldest() {
        var prompts = SharedPrompts(links: 3)
        prompts.told(newer, by: 0)
        #expect(prompts.seed(for: 0) == nil)
        prompts.told(older, by: 2)
        #expect((0...2).map { prompts.seed(for: $0) } == [older, nil, nil])
        prompts.told(older, by: 0)
        #expect(prompts.seed(for: 0) == nil)
    }

    @Test("of two that were made at the same time one is the older for all")
    func sameTime() {
        let other = PromptSeed(value: 3, madeAt: newer.madeAt)
        #expect((newer < other) != (other < newer))
    }

    @Test("only who hashes prompts alike hears of them, and whoever is connected")
    func listeners() {
        var prompts = SharedPrompts(links: 4)
        for link in 0...2 { prompts.told(older, by: link) }
        #expect(prompts.listeners(to: 1) == [0, 2])
        prompts.told(newer, by: 2)
        #expect(prompts.listeners(to: 1) == [0])
        #expect(prompts.listeners(to: 2) == [])
        // Of an earlier version.
        #expect(prompts.listeners(to: 3) == [])
        prompts.ended(0)
        #expect(prompts.listeners(to: 1) == [])
    }

    @Test("a seed goes with its connection")
    func ended() {
        var prompts = SharedPrompts(links: 2)
        prompts.told(older, by: 0)
        prompts.told(newer, by: 1)
        prompts.ended(0)
        #expect(prompts.seed(for: 1) == nil)
    }

    @Test("a connection is told a seed once")
    func saidOnce() {
        var words = UplinkWords()
        #expect(words.message(ofPromptSeed: nil) == nil)
        #expect(words.message(ofPromptSeed: older) == .promptSeed(older))
        #expect(words.message(ofPromptSeed: older) == nil)
    }
}
