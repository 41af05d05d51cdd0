import ManagementClient

/// The whole fleet in a few numbers: the balancer's own, or made from its agents where it gives none.
struct FleetSummary: Equatable, Sendable {
    /// Those for which an agent speaks, and those that are lost.
    let expected: Int
    let lost: Int
    let usable: Int
    /// They are loaded when requests ask for their model, so that nothing is wrong with them.
    let unloaded: Int
    /// Of usable upstreams.
    let slotsTotal: Int
    let slotsBusy: Int
    /// Nil: not known.
    let queued: Int?
    /// Each model has a queue of its own: how many wait in the longest.
    let longestQueue: Int?
    let queueMaximum: Int?
    let oldestWaitMilliseconds: Double?
    let isStopping: Bool

    init(_ document: FleetDocument) {
        let usable = document.agents.filter { $0.state == .usable }
        let fleet = document.fleet
        let lost = fleet?.lost ?? document.agents.count { $0.state == .lost }
        self.lost = lost
        expected = fleet?.registered.map { $0 + lost } ?? document.agents.count + document.omitted
        self.usable = fleet?.usable ?? usable.count
        unloaded = fleet?.unloaded ?? document.agents.count { $0.state == .unloaded }
        slotsTotal = fleet?.slotsTotal ?? usable.reduce(0) { $0 + $1.slots.total }
        slotsBusy = fleet?.slotsProcessing ?? usable.reduce(0) { $0 + $1.slots.busy }
        queued = fleet?.queued
        longestQueue = fleet?.models.map(\.queued).max() ?? fleet?.queued
        queueMaximum = fleet?.queueMaximum
        oldestWaitMilliseconds = fleet?.oldestWaitMilliseconds
        isStopping = fleet?.isDraining ?? false
    }

    /// In words, and how good that is.
    var health: (words: String, colour: TextStyle.Colour) {
        let waiting = queued ?? 0
        if isStopping { return ("stopping: takes no new requests", .warning) }
        if expected == 0 { return ("no servers", .warning) }
        if usable == 0, unloaded == expected {
            return waiting > 0
                ? ("\(waiting) waiting for models to be loaded", .warning) : ("healthy: no model is loaded", .good)
        }
        if usable == 0, unloaded == 0 { return ("down: no usable server of \(expected)", .bad) }
        let full = usable > 0 && slotsBusy >= slotsTotal
        let wait = full && waiting > 0 ? "full, \(waiting) waiting" : full ? "full" : nil
        guard usable + unloaded == expected else {
            let words = "degraded: \(usable) of \(expected) servers usable" + (lost > 0 ? ", \(lost) lost" : "")
            return (words + (wait.map { ", \($0)" } ?? ""), .warning)
        }
        let servers = AmountText.count(usable, "server", "servers")
        if let wait { return ("\(wait): all slots of \(servers) busy", waiting > 0 ? .warning : .good) }
        return ("healthy: \(servers) usable" + (unloaded > 0 ? ", \(unloaded) unloaded" : ""), .good)
    }
}
