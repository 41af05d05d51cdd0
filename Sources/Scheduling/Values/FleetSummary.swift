/// The totals over the fleet.
public struct FleetSummary: Equatable, Sendable {
    /// Upstreams for which an agent speaks.
    public package(set) var registered = 0
    /// Upstreams that requests may be sent to. The slots below are theirs.
    public package(set) var usable = 0
    public package(set) var slotsTotal = 0
    public package(set) var slotsIdle = 0
    /// Leased, cooling, or used by others.
    public package(set) var slotsProcessing = 0

    public init() {}

    /// Another share instead of one that it has.
    mutating func replace(_ before: FleetSummary, with after: FleetSummary) {
        registered += after.registered - before.registered
        usable += after.usable - before.usable
        slotsTotal += after.slotsTotal - before.slotsTotal
        slotsIdle += after.slotsIdle - before.slotsIdle
        slotsProcessing += after.slotsProcessing - before.slotsProcessing
    }
}
