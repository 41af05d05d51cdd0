/// The requests that need no slot and wait for a server. The first that becomes usable gets them all, in the order of their
/// arrival. Bounded together with the ``RequestQueue``.
struct SlotlessQueue: Sendable {
    private var arrivals: [RequestID: Instant] = [:]
    /// When the first of them arrived, or earlier: who leaves may have been the first.
    private(set) var oldest: Instant?

    var count: Int { arrivals.count }

    mutating func insert(_ request: RequestID, arrived: Instant) {
        arrivals[request] = arrived
        oldest = min(oldest ?? arrived, arrived)
    }

    /// - Returns: false when it wasn't there.
    mutating func remove(_ request: RequestID) -> Bool {
        guard arrivals.removeValue(forKey: request) != nil else { return false }
        if arrivals.isEmpty { oldest = nil }
        return true
    }

    /// Those that arrived at `limit` or before it, in the order of their arrival.
    mutating func take(arrivedBy limit: Instant) -> [(request: RequestID, arrived: Instant)] {
        let taken = arrivals.filter { $0.value <= limit }
            .sorted { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
        for (request, _) in taken { arrivals[request] = nil }
        oldest = arrivals.values.min()
        return taken.map { ($0.key, $0.value) }
    }
}

extension SlotlessQueue {
    func violations() -> [String] {
        guard let first = arrivals.values.min() else {
            return oldest == nil ? [] : ["a request without a slot is due and nobody waits"]
        }
        return oldest.map { $0 <= first } == true ? [] : ["a request without a slot waits and isn't due in time"]
    }
}
