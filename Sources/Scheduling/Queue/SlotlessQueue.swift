/// The requests that need no slot and wait for a server. The first of their model that becomes usable gets them all, in the
/// order of their arrival. Bounded together with the ``RequestQueue``.
struct SlotlessQueue: Sendable {
    struct Waiting: Sendable {
        var request: RequestID
        var model: String?
        var arrived: Instant
    }

    private var waiting: [RequestID: Waiting] = [:]
    /// When the first of them arrived, or earlier: who leaves may have been the first.
    private(set) var oldest: Instant?

    var count: Int { waiting.count }
    /// In no order.
    var models: some Sequence<String?> { waiting.values.lazy.map(\.model) }

    mutating func insert(_ request: RequestID, for model: String?, arrived: Instant) {
        waiting[request] = Waiting(request: request, model: model, arrived: arrived)
        oldest = min(oldest ?? arrived, arrived)
    }

    /// - Returns: false when it wasn't there.
    mutating func remove(_ request: RequestID) -> Bool {
        guard waiting.removeValue(forKey: request) != nil else { return false }
        if waiting.isEmpty { oldest = nil }
        return true
    }

    /// Those that arrived at `limit` or before it, in the order of their arrival.
    mutating func take(arrivedBy limit: Instant) -> [Waiting] {
        take { $0.arrived <= limit }
    }

    /// Those of which that is so, in the order of their arrival.
    mutating func take(where isMeant: (Waiting) -> Bool) -> [Waiting] {
        let taken = waiting.values.filter(isMeant)
            .sorted { ($0.arrived, $0.request.rawValue) < ($1.arrived, $1.request.rawValue) }
        for one in taken { waiting[one.request] = nil }
        oldest = waiting.values.lazy.map(\.arrived).min()
        return taken
    }
}

extension SlotlessQueue {
    func violations() -> [String] {
        guard let first = waiting.values.lazy.map(\.arrived).min() else {
            return oldest == nil ? [] : ["a request without a slot is due and nobody waits"]
        }
        return oldest.map { $0 <= first } == true ? [] : ["a request without a slot waits and isn't due in time"]
    }
}
