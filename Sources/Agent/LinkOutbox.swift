import AgentProtocol
import AgentRules
import Synchronization

/// What there is to say to one balancer: always the latest, never a queue.
///
/// Shared between the watch, which publishes, and the connection, which asks what to say when it can take more.
final class LinkOutbox: Sendable {
    private let state = Mutex(State())
    /// Open from the moment on at which there is only goodbye to say.
    let leaving = Latch()
    private let clock: AgentClock

    private struct State {
        var news = LinkNews()
        /// On the agent's clock; of dialects that have to be heard again and again.
        var lastSaidAt: Duration?
        /// Wakes the present connection; buffers one.
        var signal: AsyncStream<Void>.Continuation?
    }

    init(clock: AgentClock) {
        self.clock = clock
    }

    var isLeaving: Bool { leaving.isOpen }
    var isDraining: Bool { state.withLock { $0.news.isDraining } }

    func publish(_ status: ServerStatus) {
        state.withLock {
            $0.news.status = status
            _ = $0.signal?.yield()
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
        state.withLock {
            change(&$0.news.withdrawal)
            _ = $0.signal?.yield()
        }
    }

    /// Have the latest said again.
    func repeatLatest() {
        state.withLock { _ = $0.signal?.yield() }
    }

    var lastSaidAt: Duration? { state.withLock { $0.lastSaidAt } }

    func said(at now: Duration) {
        state.withLock { $0.lastSaidAt = now }
    }

    /// What a new connection says. The one before, if any, falls silent.
    func connect(_ hello: Hello) -> LinkUplink {
        LinkUplink(hello: hello, signals: open(), outbox: self, clock: clock)
    }

    /// - Returns: a signal at once, and then whenever there may be something to say; it ends when another is opened, or by
    ///   ``disconnect()``.
    func open() -> AsyncStream<Void> {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        signal.yield()
        let former = state.withLock { state in
            defer { state.signal = signal }
            return state.signal
        }
        former?.finish()
        return signals
    }

    /// The connection is gone: its uplink ends.
    func disconnect() {
        state.withLock { $0.signal.take() }?.finish()
    }

    /// The latest, to be said now.
    func saying() -> LinkNews.Saying {
        state.withLock { $0.news.saying }
    }
}
