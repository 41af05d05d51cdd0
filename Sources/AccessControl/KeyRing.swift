import Synchronization

/// The keys of one door, exchanged while it is in use. Any thread may ask.
public final class KeyRing: Sendable {
    private let keys: Mutex<KeySet>

    /// Whether the door has a lock at all: it has one as soon as keys were configured, even if a file is empty by now.
    public let isClosed: Bool

    public init(_ keys: KeySet, isClosed: Bool) {
        self.keys = Mutex(keys)
        self.isClosed = isClosed
    }

    /// A door without a lock.
    public static var open: KeyRing { KeyRing(KeySet([]), isClosed: false) }

    public func replace(_ keys: KeySet) {
        self.keys.withLock { $0 = keys }
    }

    /// Whether this key opens the door.
    public func admits(_ key: borrowing Span<UInt8>) -> Bool {
        guard isClosed else { return true }
        let keys = keys.withLock { $0 }
        return keys.contains(key)
    }
}
