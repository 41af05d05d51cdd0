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
        _ = prompts.ended(0)
        #expect(prompts.listeners(to: 1) == [])
    }

    @Test("a seed goes with its connection")
    func ended() {
        var prompts = SharedPrompts(links: 2)
        prompts.told(older, by: 0)
        prompts.told(newer, by: 1)
        _ = prompts.ended(0)
        #expect(prompts.seed(for: 1) == nil)
    }

    @Test("what a balancer has running ends with its connection, for those that have heard of it")
    func endsWithItsConnection() {
        var prompts = SharedPrompts(links: 3)
        for link in 0...2 { prompts.told(older, by: link) }
        for name: UInt64 in 1...4 {
            #expect(prompts.told(.begins(PromptTrail(hashes: [9, name], bytes: 800)), by: 0) == [1, 2])
        }
        #expect(prompts.told(.ends(name: 2, generated: 5, wasMissed: false), by: 0) == [1, 2])
        #expect(prompts.told(.isGone(name: 3), by: 0) == [1, 2])
        // Another one's.
        _ = prompts.told(.isGone(name: 4), by: 1)
        let (news, listeners) = prompts.ended(0)
        #expect(news == [1, 4].map { .ends(name: $0, generated: 0, wasMissed: false) } && listeners == [1, 2])
        prompts.told(older, by: 0)
        #expect(prompts.ended(0).news.isEmpty)
    }

    @Test("with another seed nothing is known to run, and of very many the oldest are left out")
    func running() {
        var prompts = SharedPrompts(links: 1)
        prompts.told(newer, by: 0)
        for name in 1...UInt64(SharedPrompts.mostRunning + 1) {
            _ = prompts.told(.begins(PromptTrail(hashes: [name], bytes: 300)), by: 0)
        }
        var same = prompts
        #expect(same.ended(0).news.first == .ends(name: 2, generated: 0, wasMissed: false))
        prompts.told(older, by: 0)
        #expect(prompts.ended(0).news.isEmpty)
    }

    @Test("a connection is told a seed once")
    func saidOnce() {
        var words = UplinkWords()
        #expect(words.message(ofPromptSeed: nil) == nil)
        #expect(words.message(ofPromptSeed: older) == .promptSeed(older))
        #expect(words.message(ofPromptSeed: older) == nil)
    }
}
