import NIOCore
import Scheduling
import Synchronization

/// Sends snapshots to all who watch, whenever they have changed.
///
/// Looks at the fleet only while somebody watches, and encodes what it sees once, however many do. Any thread may call it;
/// ``run()`` is to be called once.
final class SnapshotFeed: Sendable {
    /// From one look to the next, and so from one event to the next; longer when a look is costly.
    static let interval: Duration = .milliseconds(100)
    /// No longer than this, however large the fleet.
    static let longestInterval: Duration = .seconds(1)
    /// So many times what a look took is waited for the next: all dashboards together cost about half a percent of a
    /// core, whatever the fleet's size and their number.
    private static let restfulness = 200
    /// What sending takes, measured over loopback: 2 % of a core for 21 MB a second.
    private static let sendingNanosecondsPerByte = 1
    /// Watchers at one time, of all topics together.
    static let maximumWatchers = 256
    /// Of them, those of one client, so that no client can keep all others out.
    static let maximumWatchersOfOneClient = 64
    /// A watcher that takes nothing for so long is cut off.
    static let stallLimit: Duration = .seconds(30)

    private struct Entry {
        let topic: FeedTopic
        let client: WatchingClient
        let mailbox: WatcherMailbox
        let cut: @Sendable () -> Void
    }

    private struct State {
        /// Bounded by ``maximumWatchers``.
        var watchers: [Watcher.Number: Entry] = [:]
        var lastNumber: Watcher.Number = 0
        /// Only of topics that somebody watches.
        var series: [FeedTopic: FeedSeries] = [:]
    }

    private let replies: OperatorReplies
    private let state = Mutex(State())
    /// Beside ``state``, so that nobody who comes or goes waits for an encoder.
    private let encoder = Mutex(AgentsEncoder())
    /// Signals that there is somebody.
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    var now: Instant { replies.fleet.now() }

    init(replies: OperatorReplies) {
        self.replies = replies
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A place among those who watch, for as long as what is returned lives.
    ///
    /// - Parameters:
    ///   - client: for whom.
    ///   - cut: ends the connection of a watcher that takes nothing.
    /// - Returns: nil if there are too many, of all clients or of this one.
    func watch(_ topic: FeedTopic, for client: WatchingClient, cut: @escaping @Sendable () -> Void) -> Watcher? {
        let mailbox = WatcherMailbox()
        let number: Watcher.Number? = state.withLock { state in
            guard state.watchers.count < Self.maximumWatchers,
                state.watchers.values.count(where: { $0.client == client }) < Self.maximumWatchersOfOneClient
            else { return nil }
            state.lastNumber += 1
            state.watchers[state.lastNumber] = Entry(topic: topic, client: client, mailbox: mailbox, cut: cut)
            if let latest = state.series[topic]?.latest { mailbox.put(latest) }
            return state.lastNumber
        }
        guard let number else { return nil }
        arrival.yield()
        return Watcher(number: number, mailbox: mailbox, feed: self)
    }

    func leave(_ number: Watcher.Number) {
        state.withLock { state in
            guard let gone = state.watchers.removeValue(forKey: number) else { return }
            if !state.watchers.values.contains(where: { $0.topic == gone.topic }) { state.series[gone.topic] = nil }
        }
    }

    /// Until the task is cancelled.
    func run() async throws {
        let clock = ContinuousClock()
        for await _ in arrivals {
            while !state.withLock({ $0.watchers.isEmpty }) {
                var bytes = 0
                let cost = try clock.measure { bytes = try publish() }
                try await Task.sleep(
                    for: Self.pause(after: cost + .nanoseconds(bytes * Self.sendingNanosecondsPerByte))
                )
            }
        }
    }

    /// - Parameter cost: how long a look took, and how long sending what it saw takes.
    static func pause(after cost: Duration) -> Duration {
        min(max(interval, cost * restfulness), longestInterval)
    }

    /// One look.
    ///
    /// - Returns: how many bytes are to be sent.
    @discardableResult
    func publish() throws -> Int {
        let now = now
        let (topics, entries) = state.withLock { state in
            (Set(state.watchers.values.map(\.topic)), Array(state.watchers.values))
        }
        for entry in entries where entry.mailbox.isStalled(at: now, limit: Self.stallLimit) { entry.cut() }
        return try topics.reduce(0) { $0 + publish($1, try json($1), at: now) }
    }

    private func json(_ topic: FeedTopic) throws -> [UInt8] {
        switch topic {
        case .agents:
            let reply = replies.agents(.watched)
            return try encoder.withLock { encoder throws(any Error) in try encoder.json(reply) }
        case .bufferedRequests:
            return try OperatorReplies.json(replies.bufferedRequests())
        }
    }

    private func publish(_ topic: FeedTopic, _ json: [UInt8], at now: Instant) -> Int {
        state.withLock { state in
            let mailboxes = state.watchers.values.filter { $0.topic == topic }.map(\.mailbox)
            guard !mailboxes.isEmpty else { return 0 }
            switch state.series[topic, default: FeedSeries()].next(json, at: now) {
            case .event(let event):
                for mailbox in mailboxes { mailbox.put(event) }
                return event.readableBytes * mailboxes.count
            case .comment:
                for mailbox in mailboxes { mailbox.putComment() }
                return 0
            case .nothing:
                return 0
            }
        }
    }
}
