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

    init(_ snapshot: FleetSnapshot, version: String) {
        self.version = version
        registeredTargets = snapshot.summary.registered
        usableTargets = snapshot.summary.usable
        lostTargets = snapshot.lostCount
        slotsTotal = snapshot.summary.slotsTotal
        slotsIdle = snapshot.summary.slotsIdle
        slotsProcessing = snapshot.summary.slotsProcessing
        requestsBuffered = snapshot.queued
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
