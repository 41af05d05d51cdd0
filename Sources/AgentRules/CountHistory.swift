/// How large a count was in the recent past.
///
/// The most of each twentieth of a second in which it changed, of the last 64: what is forgotten is older than a look takes,
/// unless the server is slow and busy.
struct CountHistory: Sendable {
    private struct Entry {
        let begin: Duration
        var most: Int
        var last: Int
    }

    private static let length = Duration.milliseconds(50)
    private static let limit = 64

    private var entries: [Entry] = []

    mutating func note(_ count: Int, at now: Duration) {
        let before = entries.last
        if let before, now < before.begin + Self.length {
            entries[entries.count - 1].most = max(before.most, count)
            entries[entries.count - 1].last = count
            return
        }
        if entries.count == Self.limit { entries.removeFirst() }
        entries.append(Entry(begin: now, most: max(before?.last ?? 0, count), last: count))
    }

    /// The most since then, or a little before.
    func most(since start: Duration) -> Int {
        var most = 0
        for entry in entries.reversed() {
            // What it was at the end of an earlier one, it was until the next began.
            guard entry.begin + Self.length > start else { return max(most, entry.last) }
            most = max(most, entry.most)
        }
        return most
    }
}
