import NIOCore
import Scheduling
import Synchronization
import Testing

@testable import Management

@Suite("Feed of snapshots", .timeLimit(.minutes(1)))
struct SnapshotFeedTests {
    private let fleet = RecordingFleet()
    private let feed: SnapshotFeed

    init() {
        feed = SnapshotFeed(
            replies: OperatorReplies(
                fleet: fleet,
                history: ManagementHarness.history(of: fleet),
                version: "1",
                wallClock: fleet.wallClock
            )
        )
    }

    private func change(_ processing: Int) {
        fleet.advance(by: .seconds(1))
        fleet.reported(Reports.ready("a", port: 1, processing: processing, at: fleet.now()))
    }

    /// What a watcher has still to be sent.
    private func read(_ watcher: Watcher) -> [String] {
        var texts: [String] = []
        while let bytes = watcher.mailbox.take(at: fleet.now()) { texts.append(String(buffer: bytes)) }
        return texts
    }

    @Test(
        "the more a look costs, the rarer it is, within bounds",
        arguments: [(Duration.zero, 100), (.microseconds(500), 100), (.milliseconds(4), 800), (.seconds(3), 1000)]
    )
    func pace(cost: Duration, milliseconds: Int) {
        #expect(SnapshotFeed.pause(after: cost) == .milliseconds(milliseconds))
    }

    @Test("a slow watcher gets the newest snapshot and none of those in between")
    func slow() throws {
        let watcher = try #require(feed.watch(.agents) {})
        for processing in 0...4 {
            change(processing)
            try feed.publish()
        }
        let texts = read(watcher)
        #expect(texts.count == 1)
        #expect(texts.first?.hasPrefix("data: {") == true)
        #expect(texts.first?.contains(#""slots_processing":4"#) == true)
    }

    @Test("a comment never takes the place of a snapshot, and a snapshot takes that of a comment")
    func comments() throws {
        let watcher = try #require(feed.watch(.bufferedRequests) {})
        try feed.publish()
        fleet.advance(by: .seconds(5))
        try feed.publish()
        #expect(read(watcher).map { $0.hasPrefix("data: ") } == [true])

        let other = try #require(feed.watch(.agents) {})
        other.mailbox.putComment()
        try feed.publish()
        #expect(read(other).map { $0.hasPrefix("data: ") } == [true])
    }

    @Test("who comes later gets at once what the others have")
    func later() throws {
        let first = try #require(feed.watch(.agents) {})
        change(1)
        try feed.publish()
        let second = try #require(feed.watch(.agents) {})
        let third = try #require(feed.watch(.bufferedRequests) {})
        #expect(read(second) == read(first))
        #expect(read(third).isEmpty)
    }

    @Test("there are so many places, and each is given back when its watcher is gone")
    func places() throws {
        var watchers: [Watcher] = []
        for _ in 0..<SnapshotFeed.maximumWatchers { watchers.append(try #require(feed.watch(.agents) {})) }
        #expect(feed.watch(.bufferedRequests) {} == nil)
        watchers.removeLast()
        #expect(feed.watch(.bufferedRequests) {} != nil)
        _ = watchers
    }

    @Test("a watcher that takes nothing for half a minute is cut off, and one that reads is not")
    func stalled() throws {
        let cuts = Mutex<[String]>([])
        let stuck = try #require(feed.watch(.agents) { cuts.withLock { $0.append("stuck") } })
        let idle = try #require(feed.watch(.agents) { cuts.withLock { $0.append("idle") } })
        try feed.publish()
        _ = read(idle)
        #expect(stuck.mailbox.take(at: fleet.now()) != nil)

        fleet.advance(by: .seconds(30))
        try feed.publish()
        #expect(cuts.withLock { $0 }.isEmpty)
        fleet.advance(by: .milliseconds(1))
        try feed.publish()
        #expect(cuts.withLock { $0 } == ["stuck"])
    }
}

extension SnapshotFeed {
    /// For a client of its own.
    fileprivate func watch(_ topic: FeedTopic, cut: @escaping @Sendable () -> Void) -> Watcher? {
        watch(topic, for: .session(Door.randomID()), cut: cut)
    }
}
