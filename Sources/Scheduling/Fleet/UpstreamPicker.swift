/// Which upstream gets the next request: awake before sleeping, then as ``Balance`` says, then the one that was
/// picked longest ago: the servers of a fleet that has little to do share it, and so do their caches.
///
/// The order is kept in a heap; picking is O(1), a change O(log n).
struct UpstreamPicker: Sendable {
    private let balance: Balance
    private var heap = IndexedHeap<UpstreamRank>()

    init(balance: Balance) {
        self.balance = balance
    }

    /// The usable upstream with an idle slot that comes first. What is kept counts as not idle.
    var best: Int? { heap.first.flatMap(Self.withIdleSlot) }
    /// The one after that.
    var second: Int? { heap.second.flatMap(Self.withIdleSlot) }

    /// The usable upstream that is least busy, with or without an idle slot.
    func leastBusy(avoiding upstream: Int?) -> Int? {
        guard let first = heap.first else { return nil }
        guard Int(first.item) == upstream, let second = heap.second else { return Int(first.item) }
        return Int(second.item)
    }

    /// Usable upstreams, with or without an idle slot.
    var count: Int { heap.count }
    var isEmpty: Bool { heap.isEmpty }
    /// The same, in no order.
    var usable: some Sequence<Int> { heap.items }

    mutating func remove(_ index: Int) {
        heap.remove(index)
    }

    /// After every change of an upstream.
    mutating func update(_ index: Int, _ upstream: borrowing Upstream) {
        if upstream.isUsable {
            let rank = rank(index, upstream)
            if heap.key(of: index) != rank { heap.set(index, to: rank) }
        } else {
            heap.remove(index)
        }
    }

    func rank(_ index: Int, _ upstream: borrowing Upstream) -> UpstreamRank {
        let idle = upstream.offered
        let rankClass: UInt64 = (idle > 0 ? 0 : Self.withoutIdleSlot) + (upstream.isSleeping ? 1 : 0)
        let processing = min(upstream.processing, Upstream.maximumSlots)
        let (first, second): (UInt64, UInt64) =
            switch balance {
            case .cacheAware, .session, .leastBusy:
                idle > 0
                    ? (Self.share(processing, of: upstream), Self.notIdle(idle * upstream.worth))
                    : (0, UInt64(processing))
            case .mostIdle: (Self.notIdle(idle * upstream.weight), UInt64(processing))
            }
        return UpstreamRank(
            measures: rankClass << Self.classShift | first << 20 | second,
            turn: upstream.lastPick << 20 | UInt64(index)
        )
    }

    /// How much of what it is worth is in use, in 1,048,575ths. One that is worth three is as good as idle while it works on
    /// fewer than three requests.
    private static func share(_ processing: Int, of upstream: borrowing Upstream) -> UInt64 {
        let beyond = processing + 1 - upstream.worth
        // A division costs as much as the rest; the servers of most fleets are idle most of the time.
        guard beyond > 0 else { return 0 }
        return UInt64(beyond * Upstream.maximumSlots / (max(upstream.total, processing) * upstream.worth))
    }

    private static func notIdle(_ idle: Int) -> UInt64 {
        UInt64(Upstream.maximumSlots - min(max(idle, 0), Upstream.maximumSlots))
    }

    private static let classShift: UInt64 = 40
    private static let withoutIdleSlot: UInt64 = 2

    private static func withIdleSlot(_ node: PositionedHeap<UpstreamRank>.Node) -> Int? {
        node.key.measures >> classShift < withoutIdleSlot ? Int(node.item) : nil
    }
}

extension UpstreamPicker {
    /// - Parameter isMember: whether an upstream belongs here.
    func violations(_ upstreams: [Upstream], _ isMember: (Int) -> Bool = { _ in true }) -> [String] {
        var found = heap.violations(name: "picker")
        for (index, upstream) in upstreams.enumerated() {
            let expected = upstream.isUsable && isMember(index) ? rank(index, upstream) : nil
            if heap.key(of: index) != expected { found.append("upstream \(index) has an old place in the picker") }
        }
        return found
    }
}
