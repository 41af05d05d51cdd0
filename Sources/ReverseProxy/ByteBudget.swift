import Synchronization

/// How many bytes of requests are held, over all event loops, against a limit. Connections count theirs by ``HeldBytes``.
final class ByteBudget: Sendable {
    let limit: Int
    private let held = Atomic<Int>(0)

    /// - Parameter limit: bytes, 0 or more.
    init(limit: Int) {
        self.limit = limit
    }

    var bytesHeld: Int { held.load(ordering: .relaxed) }

    /// Whether so many more bytes would be within the limit now.
    func hasRoom(for count: Int) -> Bool { count <= limit - bytesHeld }

    /// - Returns: whether all that is held is within the limit.
    fileprivate func add(_ change: Int) -> Bool {
        held.wrappingAdd(change, ordering: .relaxed).newValue <= limit
    }
}

/// The part of a ``ByteBudget`` that one connection has taken: given back, at the latest, when this ends.
struct HeldBytes: ~Copyable {
    private let budget: ByteBudget
    private var count = 0

    init(of budget: ByteBudget) {
        self.budget = budget
    }

    /// Counts `count` bytes from now on, whatever the limit: they are held already.
    ///
    /// - Returns: false if that is more than before, and more than all connections together may hold.
    mutating func become(_ count: Int) -> Bool {
        let change = count - self.count
        guard change != 0 else { return true }
        self.count = count
        return budget.add(change) || change < 0
    }

    deinit {
        _ = budget.add(-count)
    }
}
