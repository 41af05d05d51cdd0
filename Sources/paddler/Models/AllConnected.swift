import Synchronization

/// Says once that each of several has been connected.
final class AllConnected: Sendable {
    private let missing: Mutex<Set<Int>>
    private let onAll: @Sendable () -> Void

    /// - Parameter count: of those that are numbered from 0 on; at least one.
    init(_ count: Int, onAll: @escaping @Sendable () -> Void) {
        missing = Mutex(Set(0..<count))
        self.onAll = onAll
    }

    func connected(_ number: Int) {
        let isLast = missing.withLock { $0.remove(number) != nil && $0.isEmpty }
        if isLast { onAll() }
    }
}
