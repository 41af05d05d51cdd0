import Scheduling

/// `GET /health` of the management listener: the balancer runs, and this is its fleet.
struct HealthReply: Codable, Equatable {
    var status = "ok"
    let version: String
    /// As Paddler 0.x called the number of upstreams.
    let registeredTargets: Int
    let usableTargets: Int
    /// Whose agents went without a word.
    let lostTargets: Int
    let slotsTotal: Int
    let slotsIdle: Int
    let slotsProcessing: Int
    let requestsBuffered: Int

    init(_ totals: FleetTotals, version: String) {
        self.version = version
        registeredTargets = totals.summary.registered
        usableTargets = totals.summary.usable
        lostTargets = totals.lost
        slotsTotal = totals.summary.slotsTotal
        slotsIdle = totals.summary.slotsIdle
        slotsProcessing = totals.summary.slotsProcessing
        requestsBuffered = totals.queued
    }

    enum CodingKeys: String, CodingKey {
        case status
        case version
        case registeredTargets = "registered_targets"
        case usableTargets = "usable_targets"
        case lostTargets = "lost_targets"
        case slotsTotal = "slots_total"
        case slotsIdle = "slots_idle"
        case slotsProcessing = "slots_processing"
        case requestsBuffered = "requests_buffered"
    }
}
