import Synchronization

/// A balancer's wish for a fresh sample: a flag, however often it is raised.
final class PollDemand: Sendable {
    private let isRaised = Atomic(false)
    private let feed: AsyncStream<WatchLoop.Event>.Continuation

    init(feed: AsyncStream<WatchLoop.Event>.Continuation) {
        self.feed = feed
    }

    func raise() {
        guard !isRaised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        feed.yield(.pollDemanded)
    }

    /// The balancer doesn't raise it before it uses a server whose agent rests.
    func cannotBeReliedOn() {
        feed.yield(.balancerDoesNotAsk)
    }

    /// Whoever takes the event says so before acting on it, so that no later demand is lost.
    func taken() {
        isRaised.store(false, ordering: .releasing)
    }
}
