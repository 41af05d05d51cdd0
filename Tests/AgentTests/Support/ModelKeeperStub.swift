import AgentProtocol
import Synchronization

@testable import Agent

/// Loads and unloads nothing, and tells what it was asked for.
final class ModelKeeperStub: ModelKeeper {
    enum Event: Equatable, Sendable {
        case wish(ModelWish)
        case used
        case drained
    }

    let models = ["tiny", "small"]
    let log: any ServerLog
    let changes: AsyncStream<Void>
    /// In order.
    let events: AsyncStream<Event>

    private let feed: AsyncStream<Event>.Continuation
    private let signal: AsyncStream<Void>.Continuation
    private let condition: Mutex<(model: KeptModel, absence: Condition?)>

    init(absence: Condition?, log: any ServerLog = ServerLogStub()) {
        self.log = log
        (changes, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (events, feed) = AsyncStream.makeStream()
        let model = KeptModel(onDemand: OnDemand(memoryBytes: 1000), isDraining: false, generation: 0)
        condition = Mutex((model, absence))
    }

    var state: KeptModel { condition.withLock { $0.model } }
    var absence: Condition? { condition.withLock { $0.absence } }
    var isArriving: Bool { false }
    var isAwaited: Bool { false }

    func change(_ change: (inout KeptModel, inout Condition?) -> Void) {
        condition.withLock { change(&$0.model, &$0.absence) }
        signal.yield()
    }

    func connected() {}

    func answered(isReady: Bool?) {}

    func wish(_ wish: ModelWish, isOrder: Bool) { feed.yield(.wish(wish)) }

    func sampled(isBusy: Bool) {}

    func aboutToBeUsed() { feed.yield(.used) }

    func drained() { feed.yield(.drained) }

    /// Waits for it; others are passed over.
    func wait(for event: Event) async {
        for await next in events where next == event { return }
    }
}
