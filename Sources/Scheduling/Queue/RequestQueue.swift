/// The requests that wait, in the order of their arrival, and their deadlines.
///
/// They are grouped by the upstream that each avoids, so that the first one that may use a freed slot is the first of
/// one of two groups: at most one group avoids the upstream in question. All operations are logarithmic.
struct RequestQueue: Sendable {
    struct Head: Sendable {
        var request: Int
        /// The upstream that it avoids.
        var avoided: Int?
    }

    /// 0 holds those that may go anywhere, n + 1 those that avoid upstream n. Bounded by the number of upstreams.
    private var groups: [PositionedHeap<UInt64>] = [PositionedHeap()]
    /// Shared by all groups, by request.
    private var positions: PositionedHeap<UInt64>.Positions = []
    /// By request; meaningful for those in the queue.
    private var groupOf: [Int32] = []
    /// The groups by their first arrival.
    private var heads = IndexedHeap<UInt64>()
    private var deadlines = IndexedHeap<Instant>()

    private(set) var count = 0

    /// The first of all.
    var first: Head? { heads.first.map(head) }

    /// The first of those that don't avoid what ``first`` avoids.
    var firstOfOtherGroup: Head? { heads.second.map(head) }

    var nextDeadline: (request: Int, instant: Instant)? {
        deadlines.first.map { (Int($0.item), $0.key) }
    }

    func contains(_ request: Int) -> Bool {
        request < positions.count && positions[request] >= 0
    }

    mutating func insert(_ request: Int, arrival: UInt64, deadline: Instant, avoiding upstream: Int?) {
        let group = upstream.map { $0 + 1 } ?? 0
        while positions.count <= request {
            positions.append(-1)
            groupOf.append(0)
        }
        while groups.count <= group { groups.append(PositionedHeap()) }
        groupOf[request] = Int32(group)
        groups[group].insert(Int32(request), key: arrival, &positions)
        if positions[request] == 0 { heads.set(group, to: arrival) }
        deadlines.set(request, to: deadline)
        count += 1
    }

    mutating func remove(_ request: Int) {
        guard contains(request) else { return }
        let group = Int(groupOf[request])
        removeFromGroup(request, group)
        deadlines.remove(request)
        count -= 1
    }

    /// Those that avoided this upstream may go anywhere from now on.
    mutating func stopAvoiding(_ upstream: Int) {
        let group = upstream + 1
        guard group < groups.count else { return }
        while let node = groups[group].first {
            removeFromGroup(Int(node.item), group)
            groupOf[Int(node.item)] = 0
            groups[0].insert(node.item, key: node.key, &positions)
            if positions[Int(node.item)] == 0 { heads.set(0, to: node.key) }
        }
    }

    private func head(of node: PositionedHeap<UInt64>.Node) -> Head {
        let group = Int(node.item)
        // A group is among the heads for as long as it has a first.
        let request = groups[group].first.map { Int($0.item) } ?? 0
        return Head(request: request, avoided: group == 0 ? nil : group - 1)
    }

    private mutating func removeFromGroup(_ request: Int, _ group: Int) {
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
        var found = heads.violations(name: "heads") + deadlines.violations(name: "deadlines")
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
        if inGroups != count { found.append("the groups hold \(inGroups) requests, not \(count)") }
        if deadlines.count != count { found.append("\(deadlines.count) deadlines for \(count) requests") }
        return found
    }

    func avoided(by request: Int) -> Int? {
        groupOf[request] == 0 ? nil : Int(groupOf[request]) - 1
    }
}
