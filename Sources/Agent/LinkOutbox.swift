import AgentProtocol
import AgentRules
import LlamaServer
import Synchronization

/// What there is to say to one balancer: always the latest, and a queue of nothing but news of prompts, a bounded one.
///
/// Shared between the watch, which publishes, and the connection, which asks what to say when it can take more.
final class LinkOutbox: Sendable {
    private let state = Mutex(State())
    /// Open from the moment on at which there is only goodbye to say.
    let leaving = Latch()
    private let clock: AgentClock
    /// nil: somebody else runs the server.
    private let log: (any ServerLog)?

    private struct State {
        var news = LinkNews()
        /// Grows with whatever there is to say.
        var newsNumber = 0
        /// Of the present connection.
        var connection = 0
        var questions = LogQuestions()
        /// What the balancer is to hash prompts with; nil: it has the oldest seed, or tells none.
        var promptSeed: PromptSeed?
        /// Of other balancers.
        var prompts = UnsaidPrompts()
        /// Whether the log calls when it goes on.
        var awaitsLog = false
        /// On the agent's clock; of dialects that have to be heard again and again.
        var lastSaidAt: Duration?
        /// Wakes the present connection; buffers one.
        var signal: AsyncStream<Void>.Continuation?
    }

    init(clock: AgentClock, log: (any ServerLog)? = nil) {
        self.clock = clock
        self.log = log
    }

    var isLeaving: Bool { leaving.isOpen }
    var isDraining: Bool { state.withLock { $0.news.isDraining } }

    func publish(_ status: ServerStatus) {
        state.withLock { state in
            state.news.status = status
            Self.signalNews(&state)
        }
    }

    /// - Parameter others: how many leases other balancers have; nil: this one isn't told.
    func setOthers(_ others: Int?) {
        state.withLock { state in
            guard state.news.others != others else { return }
            state.news.others = others
            state.signal?.yield()
        }
    }

    /// From now on reports say that the agent is about to stop.
    func drain() {
        change { $0.stop() }
    }

    /// From now on reports say that nothing more is to be sent, until the server is to ``stay()``.
    func unload() {
        change { $0.unload() }
    }

    func stay() {
        change { $0.stay() }
    }

    /// From now on there is only goodbye to say.
    func leave() {
        leaving.open()
        change { $0.leave() }
    }

    private func change(_ change: (inout Withdrawal) -> Void) {
        state.withLock { state in
            change(&state.news.withdrawal)
            Self.signalNews(&state)
        }
    }

    private static func signalNews(_ state: inout State) {
        state.newsNumber += 1
        state.signal?.yield()
    }

    /// Have the latest said again.
    func repeatLatest() {
        state.withLock { Self.signalNews(&$0) }
    }

    var lastSaidAt: Duration? { state.withLock { $0.lastSaidAt } }

    func said(at now: Duration) {
        state.withLock { $0.lastSaidAt = now }
    }

    /// What a new connection says. The one before, if any, falls silent.
    func connect(_ hello: Hello) -> LinkUplink {
        let signals = open()
        return LinkUplink(
            hello: hello,
            signals: signals,
            connection: state.withLock { $0.connection },
            outbox: self,
            clock: clock
        )
    }

    /// - Returns: a signal at once, and then whenever there may be something to say; it ends when another is opened, or by
    ///   ``disconnect()``.
    func open() -> AsyncStream<Void> {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        signal.yield()
        let former = state.withLock { state in
            defer { state.signal = signal }
            state.connection += 1
            state.questions = LogQuestions()
            state.prompts = UnsaidPrompts()
            return state.signal
        }
        former?.finish()
        return signals
    }

    /// The connection is gone: its uplink ends.
    func disconnect() {
        let former = state.withLock { state in
            state.connection += 1
            state.questions = LogQuestions()
            state.prompts = UnsaidPrompts()
            return state.signal.take()
        }
        former?.finish()
    }

    /// The latest, to be said now.
    func saying() -> LinkNews.Saying {
        state.withLock { $0.news.saying }
    }

    /// The latest.
    struct News {
        /// By which it is known whether it was said.
        let number: Int
        let saying: LinkNews.Saying
        /// How many leases other balancers have; nil: this one isn't told.
        let others: Int?
        /// What the balancer is to hash prompts with; nil: what it does.
        let promptSeed: PromptSeed?
    }

    /// - Returns: nil: another connection has taken this one's place.
    func news(for connection: Int) -> News? {
        state.withLock { state in
            guard state.connection == connection else { return nil }
            return News(
                number: state.newsNumber,
                saying: state.news.saying,
                others: state.news.others,
                promptSeed: state.promptSeed
            )
        }
    }

    // MARK: - Prompts

    /// - Parameter seed: what the balancer is to hash prompts with; nil: what it does.
    func setPromptSeed(_ seed: PromptSeed?) {
        state.withLock { state in
            guard state.promptSeed != seed else { return }
            state.promptSeed = seed
            state.signal?.yield()
        }
    }

    func add(_ news: PromptNews) {
        state.withLock { state in
            state.prompts.add(news)
            state.signal?.yield()
        }
    }

    func nextOfPrompts() -> PromptNews? {
        state.withLock { $0.prompts.next() }
    }

    // MARK: - The server's log

    func ask(_ question: LogQuestion) {
        state.withLock { state in
            state.questions.ask(question)
            state.signal?.yield()
        }
    }

    func endLog(_ number: Int) {
        state.withLock { $0.questions.end(number) }
    }

    /// What there is to answer now. When there is something later, there is a signal.
    func logAnswer() -> LogAnswer? {
        guard let log else { return nil }
        let (answer, number) = state.withLock { state -> (LogAnswer?, Int?) in
            switch state.questions.next({ log.answer(to: $0) }) {
            case .nothing: return (nil, nil)
            case .say(let answer): return (answer, nil)
            case .wait(let number):
                guard !state.awaitsLog else { return (nil, nil) }
                state.awaitsLog = true
                return (nil, number)
            }
        }
        if let number {
            log.onLine(after: number) { [weak self] in
                self?.state.withLock { state in
                    state.awaitsLog = false
                    state.signal?.yield()
                }
            }
        }
        return answer
    }
}
