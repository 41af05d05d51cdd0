/// Requests in the order in which they came, with deadlines that come in the same order.
///
/// A ring: to come last and to leave first takes one step, whatever waits in between. Who leaves from the middle leaves a
/// gap; gaps are passed over when they come first, and closed when there is no room left.
struct ArrivalRing: Sendable {
    struct Entry: Sendable {
        var arrival: UInt64
        var deadline: Instant
        /// -1: a gap.
        var request: Int32
        /// Whether its prompt may lie somewhere.
        var hasTrail = false
    }

    private static let gap: Int32 = -1
    private static let leastEntries = 16
    private static let vacant = Entry(arrival: 0, deadline: Instant(nanoseconds: 0), request: gap)

    /// Their number is a power of two, or 0.
    private var entries: [Entry] = []
    /// Never that of a gap, unless nobody waits.
    private var start = 0
    /// With gaps.
    private var length = 0
    private(set) var count = 0
    /// Of those whose prompts may lie somewhere.
    private(set) var trailCount = 0

    var first: Entry? { count > 0 ? entries[start] : nil }

    /// Whether somebody with these may come last.
    func canAppend(arrival: UInt64, deadline: Instant) -> Bool {
        guard length > 0 else { return true }
        let last = entries[place(length - 1)]
        return arrival > last.arrival && deadline >= last.deadline
    }

    /// - Parameter positions: of all requests, -1 for nowhere.
    mutating func append(
        _ request: Int,
        arrival: UInt64,
        deadline: Instant,
        hasTrail: Bool,
        _ positions: inout [Int32]
    ) {
        if length == entries.count { makeRoom(&positions) }
        let position = place(length)
        entries[position] = Entry(arrival: arrival, deadline: deadline, request: Int32(request), hasTrail: hasTrail)
        if hasTrail { trailCount += 1 }
        positions[request] = Int32(position)
        length += 1
        count += 1
    }

    mutating func remove(_ request: Int, _ positions: inout [Int32]) {
        if entries[Int(positions[request])].hasTrail { trailCount -= 1 }
        entries[Int(positions[request])].request = Self.gap
        entries[Int(positions[request])].hasTrail = false
        positions[request] = -1
        count -= 1
        while length > 0, entries[start].request == Self.gap {
            start = place(1)
            length -= 1
        }
    }

    /// Calls `body` with the requests that have come first and whose prompts may lie somewhere.
    ///
    /// - Parameter limit: how many places are looked at.
    func forEachTrail(within limit: Int, _ body: (Int) -> Void) {
        var left = trailCount
        for offset in 0..<min(length, limit) where left > 0 {
            let entry = entries[place(offset)]
            guard entry.hasTrail else { continue }
            left -= 1
            body(Int(entry.request))
        }
    }

    private func place(_ offset: Int) -> Int {
        (start + offset) & (entries.count - 1)
    }

    /// Closes the gaps, and grows if that doesn't make half of it free: so often that each request has paid for it.
    private mutating func makeRoom(_ positions: inout [Int32]) {
        let more = max(Self.leastEntries, entries.count * 2)
        let size = entries.isEmpty || count > entries.count / 2 ? more : entries.count
        var closed: [Entry] = []
        closed.reserveCapacity(size)
        for offset in 0..<length {
            let entry = entries[place(offset)]
            guard entry.request != Self.gap else { continue }
            positions[Int(entry.request)] = Int32(closed.count)
            closed.append(entry)
        }
        closed.append(contentsOf: repeatElement(Self.vacant, count: size - closed.count))
        (entries, start, length) = (closed, 0, count)
    }
}

extension ArrivalRing {
    /// Of requests, first come first.
    var requests: [Int32] {
        (0..<length).map { entries[place($0)].request }.filter { $0 != Self.gap }
    }

    func violations(_ positions: [Int32]) -> [String] {
        var found: [String] = []
        let marked = entries.count { $0.request != Self.gap && $0.hasTrail }
        if marked != trailCount { found.append("\(marked) have prompts, \(trailCount) are counted") }
        if requests.count != count { found.append("the ring counts \(count) and has \(requests.count)") }
        if length > 0, entries[start].request == Self.gap { found.append("the ring begins with a gap") }
        for offset in 0..<length {
            let entry = entries[place(offset)]
            if entry.request != Self.gap, positions[Int(entry.request)] != Int32(place(offset)) {
                found.append("request \(entry.request) is at \(place(offset)), not at \(positions[Int(entry.request)])")
            }
            guard offset > 0 else { continue }
            let before = entries[place(offset - 1)]
            if before.arrival >= entry.arrival || before.deadline > entry.deadline {
                found.append("the ring is out of order at \(offset)")
            }
        }
        return found
    }
}
