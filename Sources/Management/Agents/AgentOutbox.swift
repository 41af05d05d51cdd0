import AgentProtocol
import AgentReception
import LlamaServer
import Scheduling
import Synchronization

/// What is still to be said to one agent; any thread may add to it.
final class AgentOutbox: Sendable {
    private let contents = Mutex(UnsaidWords())
    /// Whether at least something is to be said.
    private let owesSignOfLife = Atomic(false)
    /// Signals that there is something; one signal is enough for any number of things.
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func welcome(_ message: BalancerMessage) {
        contents.withLock { $0.welcome = message }
        signal.yield()
    }

    func demandPoll() {
        contents.withLock { $0.wantsPoll = true }
        signal.yield()
    }

    /// How many leases there are on the agent's upstream is to be looked up, and said if it is news.
    func leasesChanged() {
        contents.withLock { $0.leasesChanged = true }
        signal.yield()
    }

    /// The agent passes on what it is told of prompts.
    func beginTellingPrompts() {
        contents.withLock { $0.beginTellingPrompts() }
        signal.yield()
    }

    /// What prompts are hashed with is to be looked up, and said.
    func promptSeedChanged() {
        contents.withLock { $0.notePromptSeed() }
        signal.yield()
    }

    func tell(_ news: PromptNews) {
        contents.withLock { $0.tell(news) }
        signal.yield()
    }

    func wish(_ wish: ModelWish, isOrder: Bool) {
        contents.withLock { $0.wish = (wish, isOrder) }
        signal.yield()
    }

    func ask(_ question: LogQuestion) {
        contents.withLock { $0.ask(question) }
        signal.yield()
    }

    func endLog(_ number: Int) {
        contents.withLock { $0.endLog(number) }
        signal.yield()
    }

    /// Nothing runs any more on the upstream of this agent, which is about to stop.
    func tellDrained() {
        contents.withLock { $0.isDrained = true }
        signal.yield()
    }

    /// - Parameter text: one sentence for the agent's log.
    func notify(_ text: String) {
        contents.withLock { $0.notice = text }
        signal.yield()
    }

    /// So that both sides see whether the other is there.
    func showLife() {
        owesSignOfLife.store(true, ordering: .releasing)
        signal.yield()
    }

    /// Whether it is the balancer that ends the connection.
    var isEnding: Bool { contents.withLock { $0.isEnding } }

    /// Nothing is said after this; the first end counts.
    func end(saying farewell: BalancerMessage? = nil) {
        contents.withLock { $0.end(saying: farewell) }
        signal.yield()
    }

    /// Hands out what there is to say until the end has been reached or the task is cancelled.
    ///
    /// - Parameters:
    ///   - leases: how many leases there are on the agent's upstream.
    ///   - promptSeed: what prompts are hashed with; nil: there is nothing to say of it.
    ///   - signOfLife: called when there is to be one.
    func forEachMessage(
        leases: () -> Int = { 0 },
        promptSeed: () -> PromptSeed? = { nil },
        _ body: (BalancerMessage) async throws -> Void,
        signOfLife: () async throws -> Void = {}
    ) async throws {
        for await _ in signals {
            if owesSignOfLife.exchange(false, ordering: .acquiring) { try await signOfLife() }
            while let item = contents.withLock({ $0.next() }) {
                switch item {
                case .message(let message):
                    try await body(message)
                case .leases:
                    let count = leases()
                    if contents.withLock({ $0.hasSaid(leases: count) }) { continue }
                    try await body(.leases(count: count))
                case .promptSeed:
                    if let seed = promptSeed() { try await body(.promptSeed(seed)) }
                case .end:
                    return
                }
            }
        }
    }
}
