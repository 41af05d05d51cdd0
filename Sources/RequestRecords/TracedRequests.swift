import Synchronization

/// Requests that ended, on their way to whoever makes traces of them. Any thread may call it, and nobody waits.
public final class TracedRequests: Sendable {
    private let sampling: TraceSampling
    private let count: @Sendable (borrowing RequestRecord) -> Int
    private let state: Mutex<State>

    private struct State {
        var queue: RecordQueue
        var lostSpans = 0
    }

    /// Some 30 MB.
    public static let standardCapacity = 16_384

    /// - Parameters:
    ///   - capacity: how many requests may wait.
    ///   - count: how many spans a request has, asked for those that are lost.
    public init(
        sampling: TraceSampling,
        capacity: Int = standardCapacity,
        countingSpans count: @escaping @Sendable (borrowing RequestRecord) -> Int
    ) {
        self.sampling = sampling
        self.count = count
        state = Mutex(State(queue: RecordQueue(most: capacity)))
    }

    /// What a request that begins is to keep of its steps.
    ///
    /// - Parameter parent: what its client says of its trace; nil: nothing.
    /// - Returns: nil: it isn't traced.
    public func begin(
        under parent: TraceParent?,
        using random: inout some RandomNumberGenerator
    ) -> RequestCourse? {
        guard sampling.takes(parent, random: random.next()) else { return nil }
        return RequestCourse(
            trace: parent?.trace ?? TraceID(high: random.next(), low: max(1, random.next())),
            span: SpanID(random.next()),
            parent: parent?.span
        )
    }

    /// - Parameter record: of a request that ended.
    public func add(_ record: borrowing RequestRecord) {
        guard record.isWorthTracing, !state.withLock({ $0.queue.add(record) }) else { return }
        lose(count(record))
    }

    /// All that wait.
    public func takeAll() -> [RequestRecord] {
        state.withLock { $0.queue.takeAll() }
    }

    /// So many spans didn't get where they were to go.
    public func lose(_ spans: Int) {
        state.withLock { $0.lostSpans += spans }
    }

    /// How many spans are lost.
    public var lost: Int { state.withLock { $0.lostSpans } }
}

extension RequestRecord {
    /// What the balancer answers itself is asked for every few seconds by those who watch it: of interest only to who asks
    /// for a trace.
    fileprivate var isWorthTracing: Bool {
        guard let course else { return false }
        return outcome != .answeredHere || course.parent != nil
    }
}
