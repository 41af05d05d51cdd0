/// What is made of a file that is looked at again and again, while others may be writing it.
///
/// The contents decide, not the time stamp, size or number of the file: whoever replaces it may keep these, and a link may
/// lead elsewhere without any change of its own. New contents count when they have stopped changing. A file that is missing,
/// unreadable or empty changes nothing: its last contents hold.
struct WatchedFile: Sendable {
    private(set) var contents: [UInt8]
    private let whenEmpty: String
    private var change: Change?
    /// Why the last contents hold, as it was said; nil: they are what the file holds, as far as is known.
    private var complaint: String?

    /// New contents that may still change.
    private struct Change {
        let contents: [UInt8]
        /// When they were first seen.
        let since: Duration
    }

    enum Look: Equatable, Sendable {
        case contents([UInt8])
        /// With the reason, in words.
        case unreadable(String)
    }

    enum Decision: Equatable, Sendable {
        case nothing
        /// These contents count from now on.
        case take([UInt8])
        /// The last contents hold. Said once for each reason.
        case hold(reason: String)
    }

    /// How long new contents must have stayed the same, which takes two looks at least.
    static let settlingTime = Duration.milliseconds(200)

    /// The same when the last line has no end: it may be half a line. Many files never get one, such as those of Kubernetes.
    static let unendedSettlingTime = Duration.seconds(1)

    /// - Parameter whenEmpty: why an empty file changes nothing.
    init(_ contents: [UInt8], whenEmpty: String) {
        self.contents = contents
        self.whenEmpty = whenEmpty
    }

    /// Whether the next look should come soon.
    var isSettling: Bool { change != nil }

    /// - Parameter now: since any fixed moment.
    mutating func see(_ look: Look, at now: Duration) -> Decision {
        switch look {
        case .unreadable(let reason):
            return hold(reason)
        case .contents(let seen) where seen == contents:
            change = nil
            complaint = nil
            return .nothing
        case .contents([]):
            return hold("it is empty; \(whenEmpty)")
        case .contents(let seen):
            guard let change, change.contents == seen else {
                self.change = Change(contents: seen, since: now)
                return .nothing
            }
            let isEnded = seen.last == UInt8(ascii: "\n")
            let needed = isEnded ? Self.settlingTime : Self.unendedSettlingTime
            return now - change.since >= needed ? take(seen) : .nothing
        }
    }

    /// An operator says that the file is as it should be, whatever it looks like.
    mutating func obey(_ look: Look) -> Decision {
        switch look {
        case .unreadable(let reason):
            complaint = nil
            return hold(reason)
        case .contents(let seen):
            return take(seen)
        }
    }

    private mutating func take(_ seen: [UInt8]) -> Decision {
        change = nil
        complaint = nil
        contents = seen
        return .take(seen)
    }

    private mutating func hold(_ reason: String) -> Decision {
        change = nil
        guard complaint != reason else { return .nothing }
        complaint = reason
        return .hold(reason: reason)
    }
}
