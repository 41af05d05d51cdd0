import AgentProtocol
import Synchronization

/// What there is to say to one balancer: always the latest, never a queue.
///
/// Shared between the watch, which publishes, and the connection, which asks what to say when it can take more.
final class LinkOutbox: Sendable {
    private let state = Mutex(State())
    private let clock: AgentClock

    private struct State {
        var status: ServerStatus?
        var isLeaving = false
        /// Wakes the present connection; buffers one.
        var signal: AsyncStream<Void>.Continuation?
    }

    enum Saying {
        case nothing
        case report(StatusReport, sample: Int?)
        case goodbye
    }

    init(clock: AgentClock) {
        self.clock = clock
    }

    var isLeaving: Bool {
        state.withLock { $0.isLeaving }
    }

    func publish(_ status: ServerStatus) {
        state.withLock {
            $0.status = status
            $0.signal?.yield()
        }
    }

    /// From now on there is only goodbye to say.
    func leave() {
        state.withLock {
            $0.isLeaving = true
            $0.signal?.yield()
        }
    }

    /// Have the latest said again.
    func repeatLatest() {
        state.withLock { _ = $0.signal?.yield() }
    }

    /// What a new connection says. The one before, if any, falls silent.
    func connect(_ hello: Hello) -> LinkUplink {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        signal.yield()
        let former = state.withLock { state in
            defer { state.signal = signal }
            return state.signal
        }
        former?.finish()
        return LinkUplink(hello: hello, signals: signals, outbox: self)
    }

    /// The connection is gone: its uplink ends.
    func disconnect() {
        state.withLock { $0.signal.take() }?.finish()
    }

    /// - Parameter sample: the number of the last sample that the connection has carried.
    func saying(afterSample sample: Int?) -> Saying {
        let (status, isLeaving) = state.withLock { ($0.status, $0.isLeaving) }
        if isLeaving { return .goodbye }
        guard let status else { return .nothing }
        let number = status.sample?.number
        return .report(status.report(sentAt: clock.now(), includingSample: number != sample), sample: number)
    }
}
