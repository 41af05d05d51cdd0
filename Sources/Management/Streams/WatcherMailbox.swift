import NIOCore
import Scheduling
import Synchronization

/// What is still to be written to one watcher: never more than the newest event and one comment, however slow it is.
final class WatcherMailbox: Sendable {
    private struct Contents {
        var event: ByteBuffer?
        var wantsComment = false
        var isOver = false
        /// Since when something is being written.
        var writingSince: Instant?
    }

    private static let comment = ByteBuffer(string: ": nothing has changed\n\n")

    private let contents = Mutex(Contents())
    /// Signals that there is something; one signal is enough for any number of things.
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes the place of an event that hasn't been written yet.
    func put(_ event: ByteBuffer) {
        contents.withLock { contents in
            contents.event = event
            contents.wantsComment = false
        }
        signal.yield()
    }

    func putComment() {
        contents.withLock { contents in
            if contents.event == nil { contents.wantsComment = true }
        }
        signal.yield()
    }

    /// Nothing is written after this.
    func end() {
        contents.withLock { $0.isOver = true }
        signal.yield()
    }

    /// Whether a write has been going on for longer than this.
    func isStalled(at now: Instant, limit: Duration) -> Bool {
        guard let since = contents.withLock({ $0.writingSince }) else { return false }
        return now - since > limit
    }

    /// Hands out what there is until the end has been reached or the task is cancelled.
    func forEach(clock: () -> Instant, _ write: (ByteBuffer) async throws -> Void) async throws {
        for await _ in signals {
            while let bytes = take(at: clock()) { try await write(bytes) }
            guard !isOver else { return }
        }
    }

    /// What is to be written next. Whatever was taken before has been written.
    func take(at now: Instant) -> ByteBuffer? {
        contents.withLock { contents in
            contents.writingSince = nil
            guard !contents.isOver, let bytes = contents.event ?? (contents.wantsComment ? Self.comment : nil) else {
                return nil
            }
            contents.event = nil
            contents.wantsComment = false
            contents.writingSince = now
            return bytes
        }
    }

    private var isOver: Bool { contents.withLock { $0.isOver } }
}
