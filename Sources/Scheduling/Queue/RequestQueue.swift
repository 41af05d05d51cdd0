/// The requests of one tenant, class and pool that wait, in the order of their arrival, and their deadlines.
///
/// Nearly all came one after the other and may go anywhere: they are in a ring. Those that came back after a failure have
/// earlier places; they are in heaps, grouped by the upstream that each avoids, so that the first one that may use a freed
/// slot is the first of the ring or of one of two groups: at most one group avoids the upstream in question. Those that take
/// several slots are by themselves.
struct RequestQueue: Sendable {
    struct Head: Sendable {
        var request: Int
        /// The upstream that it avoids.
        var avoided: Int?
    }

    private var ring = ArrivalRing()
    /// Of those that came back, 0 holds those that may go anywhere, n + 1 those that avoid upstream n. Bounded by the
    /// number of upstreams.
    private var groups: [PositionedHeap<UInt64>] = []
    /// The groups by their first arrival.
    private var heads = IndexedHeap<UInt64>()
    /// Those that take several slots, by arrival.
    private var wide = PositionedHeap<UInt64>()
    /// Of all that aren't in the ring.
    private var deadlines = PositionedHeap<Instant>()
    /// How often in a row somebody has got a slot who wasn't the first.
    private(set) var passes = 0

    var count: Int { ring.count + deadlines.count }
    var isEmpty: Bool { ring.count == 0 && deadlines.isEmpty }

    /// The first of all that take one slot.
    var first: Head? {
        earlier(ring.first, heads.first)
    }

    /// The first of those that don't avoid what ``first`` avoids.
    var firstOfOtherGroup: Head? {
        guard let head = heads.first, head.key < ring.first?.arrival ?? .max else { return earlier(nil, heads.first) }
        return earlier(ring.first, heads.second)
    }

    /// The first of those that take one slot and may go to this upstream.
    func first(for upstream: Int) -> Head? {
        first.flatMap { $0.avoided == upstream ? firstOfOtherGroup : $0 }
    }

    /// When the first of those that take one slot came.
    var firstArrival: UInt64? {
        guard let back = heads.first?.key else { return ring.first?.arrival }
        return min(back, ring.first?.arrival ?? .max)
    }

    /// The first of those that take several slots, and when it came.
    var firstWide: (request: Int, arrival: UInt64)? { wide.first.map { (Int($0.item), $0.key) } }

    /// When the one came that came first of all, and whether it takes several slots.
    var longestWaiting: (arrival: UInt64, isWide: Bool)? {
        let one = firstArrival.map { (arrival: $0, isWide: false) }
        guard let wide = wide.first?.key else { return one }
        return wide < one?.arrival ?? .max ? (arrival: wide, isWide: true) : one
    }

    /// Among these is the one that has waited longest.
    var firsts: [Int] { [first?.request, firstWide?.request].compactMap(\.self) }

    var nextDeadline: (request: Int, instant: Instant)? {
        guard let back = deadlines.first else { return ring.first.map { (Int($0.request), $0.deadline) } }
        guard let first = ring.first, first.deadline <= back.key else { return (Int(back.item), back.key) }
        return (Int(first.request), first.deadline)
    }

    mutating func insertWide(_ request: Int, arrival: UInt64, deadline: Instant, _ places: inout RequestPlaces) {
        places.place(request, in: .wide)
        wide.insert(Int32(request), key: arrival, &places.positions)
        deadlines.insert(Int32(request), key: deadline, &places.deadlines)
    }

    mutating func insert(
        _ request: Int,
        arrival: UInt64,
        deadline: Instant,
        avoiding upstream: Int?,
        hasTrail: Bool,
        _ places: inout RequestPlaces
    ) {
        if upstream == nil, ring.canAppend(arrival: arrival, deadline: deadline) {
            places.place(request, in: .ring)
            return ring.append(
                request,
                arrival: arrival,
                deadline: deadline,
                hasTrail: hasTrail,
                &places.positions
            )
        }
        insert(Int32(request), arrival: arrival, intoGroup: upstream.map { $0 + 1 } ?? 0, &places)
        deadlines.insert(Int32(request), key: deadline, &places.deadlines)
    }

    /// One gets a slot.
    mutating func take(_ request: Int, _ places: inout RequestPlaces) {
        if places.part(of: request) != .wide { passes = first?.request == request ? 0 : passes + 1 }
        remove(request, &places)
    }

    /// One gets a slot that isn't in this queue.
    mutating func passed(by arrival: UInt64) {
        if let first = firstArrival, first < arrival { passes += 1 }
    }

    /// Whether there are prompts that may lie somewhere among those that came one after the other.
    var hasTrails: Bool { ring.trailCount > 0 }

    /// As ``ArrivalRing/forEachTrail(within:_:)``.
    func forEachTrail(within limit: Int, _ body: (Int) -> Void) {
        ring.forEachTrail(within: limit, body)
    }

    mutating func remove(_ request: Int, _ places: inout RequestPlaces) {
        switch places.part(of: request) {
        case nil: return
        case .ring: return ring.remove(request, &places.positions)
        case .wide: wide.remove(at: Int(places.positions[request]), &places.positions)
        case .group(let group): remove(request, fromGroup: group, &places)
        }
        deadlines.remove(at: Int(places.deadlines[request]), &places.deadlines)
    }

    /// Those that avoided this upstream may go anywhere from now on.
    mutating func stopAvoiding(_ upstream: Int, _ places: inout RequestPlaces) {
        let group = upstream + 1
        guard group < groups.count else { return }
        while let node = groups[group].first {
            remove(Int(node.item), fromGroup: group, &places)
            insert(node.item, arrival: node.key, intoGroup: 0, &places)
        }
    }

    private func earlier(_ fresh: ArrivalRing.Entry?, _ back: PositionedHeap<UInt64>.Node?) -> Head? {
        guard let back else { return fresh.map { Head(request: Int($0.request)) } }
        if let fresh, fresh.arrival < back.key { return Head(request: Int(fresh.request)) }
        let group = Int(back.item)
        // A group is among the heads for as long as it has a first.
        let request = groups[group].first.map { Int($0.item) } ?? 0
        return Head(request: request, avoided: group == 0 ? nil : group - 1)
    }

    private mutating func insert(
        _ request: Int32,
        arrival: UInt64,
        intoGroup group: Int,
        _ places: inout RequestPlaces
    ) {
        while groups.count <= group { groups.append(PositionedHeap()) }
        places.place(Int(request), in: .group(group))
        groups[group].insert(request, key: arrival, &places.positions)
        if places.positions[Int(request)] == 0 { heads.set(group, to: arrival) }
    }

    private mutating func remove(_ request: Int, fromGroup group: Int, _ places: inout RequestPlaces) {
        let position = Int(places.positions[request])
        groups[group].remove(at: position, &places.positions)
        guard position == 0 else { return }
        if let first = groups[group].first {
            heads.set(group, to: first.key)
        } else {
            heads.remove(group)
        }
    }
}

extension RequestQueue {
    /// All of them, in no order.
    var requests: [Int] {
        ring.requests.map(Int.init) + wide.nodes.map { Int($0.item) } + groups.flatMap { $0.nodes.map { Int($0.item) } }
    }

    func violations(_ places: RequestPlaces) -> [String] {
        var found = heads.violations(name: "heads") + ring.violations(places.positions)
        found += deadlines.violations(places.deadlines, name: "deadlines")
        found += wide.violations(places.positions, name: "those of several slots")
        var back = wide.count
        for (index, group) in groups.enumerated() {
            back += group.count
            found += group.violations(places.positions, name: "a group of the queue")
            if group.first?.key != heads.key(of: index) {
                found.append("group \(index) begins with \(group.first?.key ?? 0) and its head says otherwise")
            }
            for node in group.nodes where places.part(of: Int(node.item)) != .group(index) {
                found.append("request \(node.item) is in group \(index) and is said to be elsewhere")
            }
        }
        for request in ring.requests where places.part(of: Int(request)) != .ring {
            found.append("request \(request) is in the ring and is said to be elsewhere")
        }
        for node in wide.nodes where places.part(of: Int(node.item)) != .wide {
            found.append("request \(node.item) takes several slots and is said to be elsewhere")
        }
        if back != deadlines.count { found.append("\(back) aren't in the ring, \(deadlines.count) have deadlines") }
        return found
    }

    /// nil: it may go anywhere.
    static func avoided(by request: Int, _ places: RequestPlaces) -> Int? {
        if case .group(let group) = places.part(of: request), group > 0 { group - 1 } else { nil }
    }
}
