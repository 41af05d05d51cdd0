import Synchronization

/// How many bytes of request bodies are held, over all event loops, against a limit.
final class ByteBudget: Sendable {
    private let limit: Int
    private let held = Atomic<Int>(0)

    /// - Parameter limit: bytes, 0 or more.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes `count` bytes, unless that would exceed the limit.
    func reserve(_ count: Int) -> Bool {
        guard count > 0 else { return true }
        guard held.wrappingAdd(count, ordering: .relaxed).newValue > limit else { return true }
        held.wrappingSubtract(count, ordering: .relaxed)
        return false
    }

    func release(_ count: Int) {
        guard count > 0 else { return }
        held.wrappingSubtract(count, ordering: .relaxed)
    }

    var bytesHeld: Int { held.load(ordering: .relaxed) }
}
