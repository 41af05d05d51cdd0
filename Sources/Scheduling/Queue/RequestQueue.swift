/// The requests that wait, in the order of their arrival, and their deadlines.
///
/// Nearly all came one after the other and may go anywhere: they are in a ring. Those that came back after a failure have
/// earlier places; they are in heaps, grouped by the upstream that each avoids, so that the first one that may use a freed
/// slot is the first of the ring or of one of two groups: at most one group avoids the upstream in question.
struct RequestQueue: Sendable {
    struct Head: Sendable {
        var request: Int
        /// The upstream that it avoids.
        var avoided: Int?
    }

    private var ring = ArrivalRing()
    /// Of those that came back, 0 holds those that may go anywhere, n + 1 those that avoid upstream n. Bounded by the
    /// number of upstreams.
    private var groups: [PositionedHeap<UInt64>] = [PositionedHeap()]
    /// In a group, by request.
    private var positions: PositionedHeap<UInt64>.Positions = []
    /// By request; meaningful for those in a group.
    private var groupOf: [Int32] = []
    /// The groups by their first arrival.
    private var heads = IndexedHeap<UInt64>()
    /// Of those in groups.
    private var deadlines = IndexedHeap<Instant>()
    /// How often in a row somebody has got a slot who wasn't the first.
    private(set) var passes = 0
    /// Those that take several slots.
    private(set) var wide = WideRequests()

    var count: Int { ring.count + deadlines.count + wide.count }

    /// The first of all that take one slot.
    var first: Head? {
        earlier(ring.first, heads.first)
    }

    /// The first of those that don't avoid what ``first`` avoids.
    var firstOfOtherGroup: Head? {
        guard let head = heads.first, head.key < ring.first?.arrival ?? .max else { return earlier(nil, heads.first) }
        return earlier(ring.first, heads.second)
    }

    var nextDeadline: (request: Int, instant: Instant)? {
        guard let several = wide.nextDeadline else { return nextDeadlineOfOne }
        guard let one = nextDeadlineOfOne, one.instant <= several.instant else { return several }
        return one
    }

    private var nextDeadlineOfOne: (request: Int, instant: Instant)? {
        guard let back = deadlines.first else { return ring.first.map { (Int($0.request), $0.deadline) } }
        guard let first = ring.first, first.deadline <= back.key else { return (Int(back.item), back.key) }
        return (Int(first.request), first.deadline)
    }

    func contains(_ request: Int) -> Bool {
        ring.contains(request) || isInGroup(request) || wide.contains(request)
    }

    mutating func insertWide(_ request: Int, arrival: UInt64, deadline: Instant) {
        wide.insert(request, arrival: arrival, deadline: deadline)
    }

    mutating func insert(
        _ request: Int,
        arrival: UInt64,
        deadline: Instant,
        avoiding upstream: Int?,
        hasTrail: Bool
    ) {
        if upstream == nil, ring.canAppend(arrival: arrival, deadline: deadline) {
            return ring.append(request, arrival: arrival, deadline: deadline, hasTrail: hasTrail)
        }
        while positions.count <= request {
            positions.append(-1)
            groupOf.append(0)
        }
        let group = upstream.map { $0 + 1 } ?? 0
        while groups.count <= group { groups.append(PositionedHeap()) }
        insert(Int32(request), arrival: arrival, intoGroup: group)
        deadlines.set(request, to: deadline)
    }

    /// One gets a slot.
    mutating func take(_ request: Int) {
        guard !wide.contains(request) else { return wide.remove(request) }
        passes = first?.request == request ? 0 : passes + 1
        remove(request)
    }

    /// One gets a slot that isn't in this queue.
    mutating func passed(by arrival: UInt64) {
        if let first = firstArrival, first < arrival { passes += 1 }
    }

    /// When the first of those that take one slot came.
    var firstArrival: UInt64? {
        guard let back = heads.first?.key else { return ring.first?.arrival }
        return min(back, ring.first?.arrival ?? .max)
    }

    /// Whether there are prompts that may lie somewhere among those that came one after the other.
    var hasTrails: Bool { ring.trailCount > 0 }

    /// As ``ArrivalRing/forEachTrail(within:_:)``.
    func forEachTrail(within limit: Int, _ body: (Int) -> Void) {
        ring.forEachTrail(within: limit, body)
    }

    mutating func remove(_ request: Int) {
        if ring.contains(request) { return ring.remove(request) }
        if wide.contains(request) { return wide.remove(request) }
        guard isInGroup(request) else { return }
        removeFromGroup(request)
        deadlines.remove(request)
    }

    /// Those that avoided this upstream may go anywhere from now on.
    mutating func stopAvoiding(_ upstream: Int) {
        let group = upstream + 1
        guard group < groups.count else { return }
        while let node = groups[group].first {
            removeFromGroup(Int(node.item))
            insert(node.item, arrival: node.key, intoGroup: 0)
        }
    }

    private func isInGroup(_ request: Int) -> Bool {
        request < positions.count && positions[request] >= 0
    }

    private func earlier(_ fresh: ArrivalRing.Entry?, _ back: PositionedHeap<UInt64>.Node?) -> Head? {
        guard let back else { return fresh.map { Head(request: Int($0.request)) } }
        if let fresh, fresh.arrival < back.key { return Head(request: Int(fresh.request)) }
        let group = Int(back.item)
        // A group is among the heads for as long as it has a first.
        let request = groups[group].first.map { Int($0.item) } ?? 0
        return Head(request: request, avoided: group == 0 ? nil : group - 1)
    }

    private mutating func insert(_ request: Int32, arrival: UInt64, intoGroup group: Int) {
        groupOf[Int(request)] = Int32(group)
        groups[group].insert(request, key: arrival, &positions)
        if positions[Int(request)] == 0 { heads.set(group, to: arrival) }
    }

    private mutating func removeFromGroup(_ request: Int) {
        let group = Int(groupOf[request])
        let position = Int(positions[request])
        groups[group].remove(at: position, &positions)
        guard position == 0 else { return }
        if let first = groups[group].first {
            heads.set(group, to: first.key)
        } else {
            heads.remove(group)
        }
    }
}

extension RequestQueue {
    func violations() -> [String] {
        var found =
            heads.violations(name: "heads") + deadlines.violations(name: "deadlines") + ring.violations()
            + wide.violations()
        var inGroups = 0
        for (index, group) in groups.enumerated() {
            inGroups += group.count
            found += group.violations(positions, name: "a group of the queue")
            if group.first?.key != heads.key(of: index) {
                found.append("group \(index) begins with \(group.first?.key ?? 0) and its head says otherwise")
            }
            for node in group.nodes where groupOf[Int(node.item)] != Int32(index) {
                found.append("request \(node.item) is in group \(index), not in \(groupOf[Int(node.item)])")
            }
        }
        for request in ring.requests where isInGroup(Int(request)) {
            found.append("request \(request) is in the ring and in group \(groupOf[Int(request)])")
        }
        if inGroups != deadlines.count { found.append("\(inGroups) in groups, \(deadlines.count) with deadlines") }
        let placed = positions.count { $0 >= 0 }
        if placed != inGroups { found.append("\(placed) have a place in a group, not \(inGroups)") }
        return found
    }

    func avoided(by request: Int) -> Int? {
        isInGroup(request) && groupOf[request] > 0 ? Int(groupOf[request]) - 1 : nil
    }
}
