/// Requests that take several slots each: by arrival, and by their deadlines.
struct WideRequests: Sendable {
    private var arrivals = IndexedHeap<UInt64>()
    private var deadlines = IndexedHeap<Instant>()

    var count: Int { arrivals.count }

    /// The first of them, and when it came.
    var first: (request: Int, arrival: UInt64)? { arrivals.first.map { (Int($0.item), $0.key) } }

    var nextDeadline: (request: Int, instant: Instant)? { deadlines.first.map { (Int($0.item), $0.key) } }

    func contains(_ request: Int) -> Bool { arrivals.contains(request) }

    mutating func insert(_ request: Int, arrival: UInt64, deadline: Instant) {
        arrivals.set(request, to: arrival)
        deadlines.set(request, to: deadline)
    }

    mutating func remove(_ request: Int) {
        arrivals.remove(request)
        deadlines.remove(request)
    }

    func violations() -> [String] {
        var found = arrivals.violations(name: "those of several slots")
        found += deadlines.violations(name: "their deadlines")
        if arrivals.count != deadlines.count {
            found.append("\(arrivals.count) take several slots, \(deadlines.count) have deadlines")
        }
        return found
    }
}
