import NIOCore
import Scheduling

/// One topic's snapshots, one after the other: decides what its watchers are to be sent.
struct FeedSeries {
    enum Step: Equatable {
        case event(ByteBuffer)
        /// So that a connection on which nothing happens is seen to be alive.
        case comment
        case nothing
    }

    /// After so long without an event or a comment, a comment.
    static let longestSilence: Duration = .seconds(5)

    private var json: [UInt8] = []
    private var lastStep: Instant?
    /// The last event, for watchers that come now; nil if there was none.
    private(set) var latest: ByteBuffer?

    /// - Parameter json: the snapshot as it is now, without line breaks.
    mutating func next(_ json: [UInt8], at now: Instant) -> Step {
        if latest == nil || json != self.json {
            self.json = json
            lastStep = now
            let event = Self.event(json)
            latest = event
            return .event(event)
        }
        guard let lastStep, now - lastStep < Self.longestSilence else {
            lastStep = now
            return .comment
        }
        return .nothing
    }

    private static func event(_ json: [UInt8]) -> ByteBuffer {
        var event = ByteBuffer()
        event.reserveCapacity(json.count + 8)
        event.writeStaticString("data: ")
        event.writeBytes(json)
        event.writeStaticString("\n\n")
        return event
    }
}
