/// A copy of the fleet for those who look on, brought up to date by what has changed, in parts: whoever takes a part keeps the
/// scheduler from its work for a bounded time, however large the fleet is.
public struct FleetCopy: Sendable {
    /// At most so many upstreams in one part: some tens of microseconds.
    public static let part = 64

    private struct Row {
        var upstream: UpstreamSnapshot
        var taken: Instant
    }

    private var rows: [Row?] = []
    private var rest: FleetSnapshot?

    public init() {}

    public mutating func apply(_ changes: FleetChanges) {
        for (index, upstream) in changes.upstreams {
            while index >= rows.count { rows.append(nil) }
            rows[index] = upstream.map { Row(upstream: $0, taken: changes.rest.taken) }
        }
        rest = changes.rest
    }

    /// The fleet at the moment of the last changes; nil before the first. What hasn't changed has become older.
    public var snapshot: FleetSnapshot? {
        guard var snapshot = rest else { return nil }
        snapshot.upstreams = rows.compactMap { row in
            guard let row else { return nil }
            var upstream = row.upstream
            let age = max(.zero, snapshot.taken - row.taken)
            guard age > .zero else { return upstream }
            upstream.sinceLastReport += age
            upstream.sinceLastSample = upstream.sinceLastSample.map { $0 + age }
            upstream.ejectedFor = upstream.ejectedFor.map { max(.zero, $0 - age) }
            return upstream
        }
        snapshot.models.sort(by: ModelSnapshot.precedes)
        return snapshot
    }
}
