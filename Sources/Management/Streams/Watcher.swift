/// A place among those who watch. It is given back when nobody refers to this any more: a connection may end at any time
/// between the place's being taken and the stream's first byte.
final class Watcher: Sendable {
    /// Tells the watchers of one process apart.
    typealias Number = UInt64

    private let number: Number
    let mailbox: WatcherMailbox
    private let feed: SnapshotFeed

    init(number: Number, mailbox: WatcherMailbox, feed: SnapshotFeed) {
        self.number = number
        self.mailbox = mailbox
        self.feed = feed
    }

    deinit {
        feed.leave(number)
    }
}
