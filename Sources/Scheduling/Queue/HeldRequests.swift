/// Requests that wait for one upstream although others may have idle slots, since it has much more of their prompts; each
/// until its time is up.
struct HeldRequests: Sendable {
    /// By upstream, in the order of classes, and of arrival.
    private var groups: [PositionedHeap<UInt64>] = []
    /// In a group, by request.
    private var positions: PositionedHeap<UInt64>.Positions = []
    /// By request; meaningful for those in a group.
    private var holds: [Hold] = []
    private var ends = IndexedHeap<Instant>()

    private struct Hold {
        var upstream: Int32 = 0
        /// At a time.
        var patience = Nanoseconds.zero
        /// When it ends at the latest.
        var last = Instant(nanoseconds: 0)
    }

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

    /// The upstream that a request waits for, until when, and for how long at a time.
    func hold(of request: Int) -> (upstream: Int, end: Instant, patience: Nanoseconds)? {
        ends.key(of: request).map { (Int(holds[request].upstream), $0, holds[request].patience) }
    }

    /// - Parameter turn: its place among those that are held for the same upstream.
    mutating func insert(_ request: Int, _ hold: Scheduler.Hold, turn: UInt64, at now: Instant) {
        while groups.count <= hold.upstream { groups.append(PositionedHeap()) }
        while positions.count <= request {
            positions.append(-1)
            holds.append(Hold())
        }
        holds[request] = Hold(upstream: Int32(hold.upstream), patience: hold.patience, last: hold.last)
        groups[hold.upstream].insert(Int32(request), key: turn, &positions)
        ends.set(request, to: min(now.advanced(by: hold.patience), hold.last))
    }

    /// Its time is up, and it is held for as long again, if that is not longer than any request may be held.
    ///
    /// - Returns: `false` if it has been held for as long as it may be.
    mutating func prolong(_ request: Int, at now: Instant) -> Bool {
        guard holds[request].last > now else { return false }
        ends.set(request, to: min(now.advanced(by: holds[request].patience), holds[request].last))
        return true
    }

    mutating func remove(_ request: Int) {
        guard contains(request) else { return }
        groups[Int(holds[request].upstream)].remove(at: Int(positions[request]), &positions)
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
