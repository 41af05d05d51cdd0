/// Requests that wait for one upstream although others may have idle slots, since it has much more of their prompts; each
/// until its time is up.
struct HeldRequests: Sendable {
    /// By upstream, in the order of classes, and of arrival.
    private var groups: [PositionedHeap<UInt64>] = []
    /// In a group, by request.
    private var positions: PositionedHeap<UInt64>.Positions = []
    /// By request; meaningful for those in a group.
    private var upstreamOf: [Int32] = []
    private var ends = IndexedHeap<Instant>()

    var count: Int { ends.count }

    /// Whose time is up next.
    var nextEnd: (request: Int, instant: Instant)? { ends.first.map { (Int($0.item), $0.key) } }

    func contains(_ request: Int) -> Bool { ends.contains(request) }

    /// The first of those that wait for this upstream.
    func first(for upstream: Int) -> PositionedHeap<UInt64>.Node? {
        upstream < groups.count ? groups[upstream].first : nil
    }

    func count(for upstream: Int) -> Int { upstream < groups.count ? groups[upstream].count : 0 }

    /// The first of those that wait for each upstream; O(upstreams).
    var firsts: some Sequence<Int> { groups.lazy.compactMap { $0.first.map { Int($0.item) } } }

    /// Those that wait for this upstream, in no order, but the first ones among the first.
    func requests(for upstream: Int) -> some Sequence<Int> {
        (upstream < groups.count ? groups[upstream].nodes : []).lazy.map { Int($0.item) }
    }

    /// The upstream that a request waits for, and until when.
    func hold(of request: Int) -> (upstream: Int, end: Instant)? {
        ends.key(of: request).map { (Int(upstreamOf[request]), $0) }
    }

    mutating func insert(_ request: Int, for upstream: Int, turn: UInt64, until end: Instant) {
        while groups.count <= upstream { groups.append(PositionedHeap()) }
        while positions.count <= request {
            positions.append(-1)
            upstreamOf.append(0)
        }
        upstreamOf[request] = Int32(upstream)
        groups[upstream].insert(Int32(request), key: turn, &positions)
        ends.set(request, to: end)
    }

    mutating func remove(_ request: Int) {
        guard contains(request) else { return }
        groups[Int(upstreamOf[request])].remove(at: Int(positions[request]), &positions)
        ends.remove(request)
    }

    func violations() -> [String] {
        var found = ends.violations(name: "ends of holding")
        for group in groups { found += group.violations(positions, name: "those held for an upstream") }
        let sum = groups.reduce(0) { $0 + $1.count }
        if sum != count { found.append("\(sum) are held, \(count) have an end") }
        return found
    }
}
