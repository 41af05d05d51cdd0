/// Where the first long strings of a body end, so that their ends are looked for once.
struct LongStrings: Sendable {
    private struct Place {
        /// Behind the opening quote.
        let start: Int32
        /// Of the closing one.
        let end: Int32
    }

    /// In the order in which they stand.
    private var places: [Place] = []
    /// Of the one that was asked for last, or the one behind it.
    private var index = 0

    /// In bytes: the end of a shorter one is found as fast as remembered.
    private static let shortest = 256
    /// 8 kB: enough for a prompt of 1 MiB in strings of 1 kB.
    private static let most = 1024

    /// - Parameters:
    ///   - start: behind the opening quote, and behind all that were noted before.
    ///   - end: the place of the closing quote; beyond 2 GiB it is left out.
    mutating func note(from start: Int, to end: Int) {
        guard end - start >= Self.shortest, places.count < Self.most, let end = Int32(exactly: end) else { return }
        places.append(Place(start: Int32(truncatingIfNeeded: start), end: end))
    }

    /// - Returns: the place of the closing quote of the string that begins at `start`; nil: it wasn't noted.
    mutating func end(of start: Int) -> Int? {
        if index > 0, places[index - 1].start >= start { index = 0 }
        while index < places.count, places[index].start < start { index += 1 }
        guard index < places.count, places[index].start == start else { return nil }
        return Int(places[index].end)
    }
}
