public import RequestRecords
public import Scheduling

/// Slots that are still in use when the request that had them has ended: its client has left, and its server goes on, or has
/// yet to notice. They count for its tenant until they are given back.
///
/// A value, one for each event loop. It grows no further than there are leases and slots that cool.
public struct UnreturnedSlots: Sendable {
    /// How long slots were in use after the end of their request.
    public struct Use: Equatable, Sendable {
        public let key: UsageKey
        /// In nanoseconds: of several slots the sum.
        public let time: Int64
    }

    private struct Holding {
        let key: UsageKey
        let since: Instant
        var count: Int

        func use(of slots: Int, until now: Instant) -> Use {
            Use(key: key, time: Int64(slots) * max(0, now.nanoseconds - since.nanoseconds))
        }
    }

    private var holdings: [RequestID: Holding] = [:]

    public init() {}

    public var isEmpty: Bool { holdings.isEmpty }

    /// A request has ended, and not all that it had of slots.
    public mutating func add(_ count: Int, of request: RequestID, _ record: borrowing RequestRecord) {
        guard count > 0, let ended = record.ended else { return }
        holdings[request] = Holding(key: UsageKey(record), since: ended, count: count)
    }

    /// So many of its slots are given back.
    ///
    /// - Returns: nil: it had none.
    public mutating func giveBack(_ count: Int, of request: RequestID, at now: Instant) -> Use? {
        guard var holding = holdings[request] else { return nil }
        let returned = min(count, holding.count)
        holding.count -= returned
        holdings[request] = holding.count > 0 ? holding : nil
        return holding.use(of: returned, until: now)
    }

    /// Nobody will say any more when the rest is given back.
    public mutating func giveBackAll(at now: Instant) -> [Use] {
        defer { holdings.removeAll() }
        return holdings.values.map { $0.use(of: $0.count, until: now) }
    }

    /// Counts them for their tenants among what these have at this moment.
    public func stand(in standings: inout TenantStandings) {
        for holding in holdings.values { standings.add(slots: holding.count, of: holding.key.tenant) }
    }
}
