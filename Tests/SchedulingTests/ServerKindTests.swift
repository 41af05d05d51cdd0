import LlamaServer
import Scheduling
import Testing

@Suite("Which of a model's servers a request gets, where these differ")
struct ServerKindTests {
    private static let embedding = RequestDemand(work: .embeddings)

    /// A prompt of so many tokens, of which nobody knows yet how many there are in a byte.
    private static func prompt(_ tokens: Int, generated: Int = 0) -> RequestDemand {
        RequestDemand(size: PromptSize(text: tokens * 4, generated: generated))
    }

    // MARK: - Roles

    @Test("requests go to servers that were started for them, or wait for these beside idle ones")
    func roles() throws {
        var scene = Scene()
        scene.report("a", total: 4, role: .completions)
        scene.report("b", total: 1, role: .embeddings)
        let first = try #require(scene.submit(Self.embedding).lease)
        #expect(first.address.host == "b")
        #expect(scene.submit(Self.embedding).ticket != nil)
        for _ in 0..<4 { #expect(try scene.lease().address.host == "a") }
        #expect(scene.submit().ticket != nil)
        #expect(scene.finish(first).dispatched == [2])
        #expect(scene.submit(RequestDemand(work: .reranking)).rejection == .workNotServed(.reranking, model: nil))
    }

    @Test("a server for embeddings generates text where no other one is there for it")
    func onlyEmbeddings() throws {
        var scene = Scene()
        scene.report("b", total: 1, role: .embeddings)
        #expect(try scene.lease().address.host == "b")
    }

    @Test("where only chats are served, nobody computes embeddings")
    func onlyCompletions() {
        var scene = Scene(slots: [])
        scene.report("a", total: 1, role: .completions)
        #expect(scene.submit(Self.embedding).rejection == .workNotServed(.embeddings, model: nil))
    }

    @Test("servers that don't say what they were started for get everything, as old agents' do")
    func unknownRoles() throws {
        var scene = Scene(slots: [1])
        #expect(try #require(scene.submit(Self.embedding).lease).address.host == "a")
        scene.report("b", total: 1, role: .completions)
        #expect(try scene.lease().address.host == "b")
        #expect(scene.submit(Self.embedding).ticket != nil)
    }

    @Test("whoever waits for a server of one kind still does when another kind comes")
    func waitingWhenMixed() throws {
        var scene = Scene()
        scene.report("b", total: 1, role: .embeddings)
        let running = try #require(scene.submit(Self.embedding).lease)
        #expect(scene.submit(Self.embedding).ticket != nil)
        #expect(scene.report("a", total: 4, role: .completions).dispatched.isEmpty)
        #expect(scene.finish(running).dispatched == [2])
    }

    @Test("the only model for some work needs no name")
    func namelessWork() throws {
        var scene = Scene()
        scene.report("a", total: 1, models: ["chat"], role: .completions)
        scene.report("b", total: 1, models: ["vectors"], role: .embeddings)
        #expect(try scene.lease().address.host == "a")
        #expect(try #require(scene.submit(Self.embedding).lease).address.host == "b")
        #expect(
            scene.submit(RequestDemand(model: "chat", work: .embeddings)).rejection
                == .workNotServed(.embeddings, model: "chat")
        )
    }

    @Test("requests for a lost server's work wait for it")
    func lostRole() throws {
        var scene = Scene()
        scene.report("a", total: 1, role: .completions)
        scene.report("b", total: 1, role: .embeddings)
        scene.leave("b", .connectionEnded)
        #expect(scene.submit(Self.embedding).ticket != nil)
        #expect(scene.report("b", total: 1, role: .embeddings).dispatched == [1])
    }

    // MARK: - Contexts

    @Test("a prompt that fits one server alone waits for it beside idle ones, and others don't")
    func contexts() throws {
        var scene = Scene()
        scene.report("a", total: 4, context: 4096)
        scene.report("b", total: 1, context: 32_768)
        let long = try #require(scene.submit(Self.prompt(5000)).lease)
        #expect(long.address.host == "b")
        #expect(scene.submit(Self.prompt(5000)).ticket != nil)
        #expect(try #require(scene.submit(Self.prompt(1000)).lease).address.host == "a")
        #expect(scene.finish(long).dispatched == [2])
    }

    @Test("what may be generated needs room too, up to half of a context")
    func generated() throws {
        var scene = Scene()
        scene.report("a", total: 8, context: 4096)
        scene.report("b", total: 2, context: 32_768)
        #expect(try #require(scene.submit(Self.prompt(3000, generated: 2000)).lease).address.host == "b")
        #expect(try #require(scene.submit(Self.prompt(1000, generated: 100_000)).lease).address.host == "a")
    }

    @Test("a prompt that fits nowhere goes to the largest, which says so")
    func tooLong() throws {
        var scene = Scene()
        scene.report("a", total: 8, context: 4096)
        scene.report("b", total: 1, context: 8192)
        #expect(try #require(scene.submit(Self.prompt(100_000)).lease).address.host == "b")
    }

    @Test("how many tokens a text has is learnt from answers")
    func learnt() throws {
        var scene = Scene()
        scene.report("a", total: 8, context: 4096)
        scene.report("b", total: 2, context: 32_768)
        // Of 12,000 bytes one would expect 3,000 tokens.
        let demand = Self.prompt(3000)
        let lease = try #require(scene.submit(demand).lease)
        #expect(lease.address.host == "a")
        scene.finish(lease, use: ReportedUsage(promptComputed: 6000, promptCached: 0, generated: 1))
        #expect(try #require(scene.submit(demand).lease).address.host == "b")
    }

    // MARK: - Prompts that turn out to be longer

    @Test("whom a server has no room for goes on to a larger one, which the next of its kind gets at once")
    func findsRoom() throws {
        var scene = Scene()
        scene.report("small", total: 2, context: 1000)
        scene.report("large", total: 2, context: 10_000)
        _ = try #require(scene.submit(Self.prompt(5000)).lease)
        let lease = try #require(scene.submit(Self.prompt(900)).lease)
        #expect(lease.address.host == "small")
        let next = try #require(scene.findRoom(lease, tokens: 3600)?.submission.lease)
        #expect(next.address.host == "large")
        #expect(try scene["small"].slotsLeased == 0)
        #expect(try scene["small"].isUsable)
        // Each byte of such text is a token.
        #expect(scene.submit(Self.prompt(900)).ticket != nil)
        #expect(scene.scheduler.snapshot(at: scene.now).counters.withoutRoom == 1)
    }

    @Test("where nobody has more room, what the server says is the answer")
    func findsNoRoom() throws {
        var scene = Scene()
        scene.report("small", total: 2, context: 1000)
        scene.report("large", total: 1, context: 10_000)
        let onLarge = try #require(scene.submit(Self.prompt(5000)).lease)
        #expect(scene.findRoom(onLarge, tokens: 12_000) == nil)
        scene.finish(onLarge)
        #expect(scene.findRoom(onLarge, tokens: 12_000) == nil)
        var alike = Scene()
        alike.report("a", total: 1, context: 1000)
        alike.report("b", total: 1, context: 1000)
        #expect(alike.findRoom(try alike.lease(), tokens: 1001) == nil)
    }

    @Test("it waits for the larger one where its arrival places it, if that is full")
    func waitsForRoom() throws {
        var scene = Scene()
        scene.report("small", total: 1, context: 1000)
        scene.report("large", total: 1, context: 10_000)
        let onLarge = try #require(scene.submit(Self.prompt(5000)).lease)
        let lease = try #require(scene.submit(Self.prompt(900)).lease)
        let later = try #require(scene.submit(Self.prompt(5000)).ticket)
        // Not even how many tokens there are need be said.
        #expect(scene.findRoom(lease, tokens: 0)?.submission.ticket != nil)
        #expect(scene.finish(onLarge).dispatched == [lease.request.rawValue])
        #expect(scene.cancel(later) == true)
    }
}
