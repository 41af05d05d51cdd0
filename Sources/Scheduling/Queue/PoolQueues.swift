/// The queues of all pools: each in the order of arrival, none held up by another. Beside them are those that are held for
/// one upstream; they are counted with the others.
struct PoolQueues: Sendable {
    private var queues = [RequestQueue()]
    /// Of all pools.
    private(set) var count = 0
    /// The pools by their next deadlines, where there are several.
    private var deadlines = IndexedHeap<Instant>()
    /// The pools by the arrival of their first that takes several slots.
    private var wideHeads = IndexedHeap<UInt64>()
    private(set) var held = HeldRequests()
    /// How many of those would be in each queue.
    private var heldCounts: [Int] = []

    subscript(pool: Int) -> RequestQueue {
        _read { yield queues[pool] }
    }

    /// How many wait in this pool.
    func count(in pool: Int) -> Int {
        (pool < queues.count ? queues[pool].count : 0) + (pool < heldCounts.count ? heldCounts[pool] : 0)
    }

    /// The first of this pool.
    func first(in pool: Int) -> RequestQueue.Head? { pool < queues.count ? queues[pool].first : nil }

    /// Among these is the one that has waited longest in this pool, if it isn't held.
    func firsts(in pool: Int) -> [Int] {
        pool < queues.count ? [queues[pool].first?.request, queues[pool].wide.first?.request].compactMap(\.self) : []
    }

    /// The same of all pools, and of those that are held; O(pools + upstreams).
    var firsts: [Int] { queues.indices.flatMap(firsts(in:)) + held.firsts }

    var nextDeadline: (request: Int, instant: Instant)? {
        guard queues.count > 1 else { return queues[0].nextDeadline }
        return deadlines.first.flatMap { queues[Int($0.item)].nextDeadline }
    }

    func contains(_ request: Int, in pool: Int) -> Bool {
        held.contains(request) || pool < queues.count && queues[pool].contains(request)
    }

    mutating func insert(
        _ request: Int,
        into pool: Int,
        arrival: UInt64,
        deadline: Instant,
        avoiding upstream: Int?,
        hasTrail: Bool = false
    ) {
        makeQueue(of: pool)
        queues[pool].insert(request, arrival: arrival, deadline: deadline, avoiding: upstream, hasTrail: hasTrail)
        count += 1
        noteDeadline(of: pool)
    }

    mutating func insertWide(_ request: Int, into pool: Int, arrival: UInt64, deadline: Instant) {
        makeQueue(of: pool)
        queues[pool].insertWide(request, arrival: arrival, deadline: deadline)
        count += 1
        noteDeadline(of: pool)
        noteWide(of: pool)
    }

    /// When the first in a pool of those that take one slot came.
    func firstArrival(in pool: Int) -> UInt64? { pool < queues.count ? queues[pool].firstArrival : nil }

    /// The first in a pool of those that take several slots, and when it came.
    func firstWide(in pool: Int) -> (request: Int, arrival: UInt64)? {
        pool < queues.count ? queues[pool].wide.first : nil
    }

    /// - Parameter pool: whose upstreams it may go to when its time is up.
    mutating func hold(_ request: Int, in pool: Int, for upstream: Int, arrival: UInt64, until end: Instant) {
        makeQueue(of: pool)
        while heldCounts.count <= pool { heldCounts.append(0) }
        held.insert(request, for: upstream, arrival: arrival, until: end)
        heldCounts[pool] += 1
        count += 1
    }

    /// One gets a slot.
    mutating func take(_ request: Int, arrival: UInt64, from pool: Int) {
        guard !held.contains(request) else {
            queues[pool].passed(by: arrival)
            return remove(request, from: pool)
        }
        queues[pool].take(request)
        count -= 1
        noteDeadline(of: pool)
        noteWide(of: pool)
    }

    /// The pools in which some wait that take several slots, in the order of their first.
    var poolsOfWide: [Int] { wideHeads.isEmpty ? [] : wideHeads.byKey }

    private mutating func noteWide(of pool: Int) {
        guard let first = queues[pool].wide.first else { return wideHeads.remove(pool) }
        wideHeads.set(pool, to: first.arrival)
    }

    private mutating func makeQueue(of pool: Int) {
        while queues.count <= pool {
            queues.append(RequestQueue())
            if queues.count == 2 { noteDeadline(of: 0) }
        }
    }

    mutating func remove(_ request: Int, from pool: Int) {
        guard !held.contains(request) else {
            held.remove(request)
            heldCounts[pool] -= 1
            count -= 1
            return
        }
        let before = queues[pool].count
        queues[pool].remove(request)
        count -= before - queues[pool].count
        noteDeadline(of: pool)
        noteWide(of: pool)
    }

    /// O(pools).
    mutating func stopAvoiding(_ upstream: Int) {
        for pool in queues.indices where queues[pool].count > 0 { queues[pool].stopAvoiding(upstream) }
    }

    private mutating func noteDeadline(of pool: Int) {
        guard queues.count > 1 else { return }
        guard let next = queues[pool].nextDeadline else { return deadlines.remove(pool) }
        deadlines.set(pool, to: next.instant)
    }
}

extension PoolQueues {
    func violations() -> [String] {
        var found = queues.flatMap { $0.violations() } + held.violations()
        let sum = queues.reduce(0) { $0 + $1.count } + held.count
        if sum != count { found.append("\(sum) wait, \(count) are counted") }
        for pool in queues.indices where wideHeads.key(of: pool) != queues[pool].wide.first?.arrival {
            found.append("the first of several slots in pool \(pool) isn't the one noted")
        }
        let heldSum = heldCounts.reduce(0, +)
        if heldSum != held.count { found.append("\(held.count) are held, \(heldSum) are counted") }
        guard queues.count > 1 else { return found }
        for pool in queues.indices where deadlines.key(of: pool) != queues[pool].nextDeadline?.instant {
            found.append("pool \(pool) is due at another time than noted")
        }
        return found
    }
}
