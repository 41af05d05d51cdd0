/// Which upstream gets the next request: awake before sleeping, most idle slots, fewest processing, lowest index.
///
/// The order is kept in a heap; picking is O(1), a change O(log n). Another policy would stand beside this one with the
/// same four members.
struct UpstreamPicker: Sendable {
    private var heap = IndexedHeap<UInt64>()

    /// The usable upstream with an idle slot that comes first.
    var best: Int? { heap.first.flatMap(Self.withIdleSlot) }
    /// The one after that.
    var second: Int? { heap.second.flatMap(Self.withIdleSlot) }

    /// The usable upstream that is least busy, with or without an idle slot.
    func leastBusy(avoiding upstream: Int?) -> Int? {
        guard let first = heap.first else { return nil }
        guard Int(first.item) == upstream, let second = heap.second else { return Int(first.item) }
        return Int(second.item)
    }

    /// After every change of an upstream.
    mutating func update(_ index: Int, _ upstream: borrowing Upstream) {
        if upstream.isUsable {
            let rank = Self.rank(index, upstream)
            if heap.key(of: index) != rank { heap.set(index, to: rank) }
        } else {
            heap.remove(index)
        }
    }

    /// Its place in the order, less is better: 2 bits of class, 20 of slots not idle, 20 of processing, 22 of index.
    static func rank(_ index: Int, _ upstream: borrowing Upstream) -> UInt64 {
        let idle = upstream.idle
        let rankClass: UInt64 = (idle > 0 ? 0 : withoutIdleSlot) + (upstream.isSleeping ? 1 : 0)
        let notIdle = UInt64(Upstream.maximumSlots - min(max(idle, 0), Upstream.maximumSlots))
        let processing = UInt64(min(upstream.processing, Upstream.maximumSlots))
        return rankClass << 62 | notIdle << 42 | processing << 22 | UInt64(index)
    }

    private static let withoutIdleSlot: UInt64 = 2

    private static func withIdleSlot(_ node: PositionedHeap<UInt64>.Node) -> Int? {
        node.key >> 62 < withoutIdleSlot ? Int(node.item) : nil
    }
}

extension UpstreamPicker {
    func violations(_ upstreams: [Upstream]) -> [String] {
        var found = heap.violations(name: "picker")
        for (index, upstream) in upstreams.enumerated() {
            let expected = upstream.isUsable ? Self.rank(index, upstream) : nil
            if heap.key(of: index) != expected { found.append("upstream \(index) has an old place in the picker") }
        }
        return found
    }
}
