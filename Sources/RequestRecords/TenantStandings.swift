public import Scheduling

/// What each tenant has under way at a moment: who uses the fleet, and who waits for it.
public struct TenantStandings: Sendable {
    public struct Standing: Equatable, Sendable {
        /// Slots that its requests have.
        public internal(set) var slots = 0
        /// Requests that wait for some.
        public internal(set) var waiting = 0
        /// How long the one that has waited longest has waited by now, in nanoseconds.
        public internal(set) var longestWait: Int64 = 0

        public init() {}

        static func += (one: inout Standing, other: Standing) {
            one.slots += other.slots
            one.waiting += other.waiting
            one.longestWait = max(one.longestWait, other.longestWait)
        }
    }

    /// By ``RequestRecord/tenantName``.
    public private(set) var standings: [String: Standing] = [:]

    public init() {}

    /// - Parameters:
    ///   - record: of a request that is under way.
    ///   - stage: where it is.
    public mutating func add(_ record: borrowing RequestRecord, at stage: RequestOutcome.Stage, now: Instant) {
        guard record.needsSlot else { return }
        var standing = Standing()
        if stage == .queued {
            standing.waiting = 1
            standing.longestWait = record.waited(until: now)
        }
        standing.slots = record.slotsNow
        guard standing != Standing() else { return }
        standings[record.tenantName, default: Standing()] += standing
    }

    /// Slots that are still in use when their request has ended.
    ///
    /// - Parameter tenant: as ``RequestRecord/tenantName``.
    public mutating func add(slots: Int, of tenant: String) {
        standings[tenant, default: Standing()].slots += slots
    }

    public mutating func add(_ others: TenantStandings) {
        standings.merge(others.standings) { one, other in
            var sum = one
            sum += other
            return sum
        }
    }
}
