import Scheduling

/// One of several models in a few numbers: part of ``FleetReply``.
struct ModelReply: Codable, Equatable {
    /// Null: of the servers that don't say what they serve.
    @NullWhenNil var name: String?
    /// Upstreams of it for which an agent speaks.
    let registered: Int
    /// Upstreams that requests for it are sent to; the slots are theirs.
    let usable: Int
    let slotsTotal: Int
    /// Never negative.
    let slotsIdle: Int
    let slotsProcessing: Int
    let queued: Int
    /// How long the first of those that wait for it has waited; null when none waits.
    @NullWhenNil var oldestWaitMilliseconds: Int?

    init(_ model: ModelSnapshot) {
        name = model.name
        registered = model.summary.registered
        usable = model.summary.usable
        slotsTotal = model.summary.slotsTotal
        slotsIdle = max(0, model.summary.slotsIdle)
        slotsProcessing = model.summary.slotsProcessing
        queued = model.queued
        oldestWaitMilliseconds = model.oldestWait.map { Int($0 / .milliseconds(1)) }
    }

    enum CodingKeys: String, CodingKey {
        case name
        case registered
        case usable
        case slotsTotal = "slots_total"
        case slotsIdle = "slots_idle"
        case slotsProcessing = "slots_processing"
        case queued
        case oldestWaitMilliseconds = "oldest_wait_ms"
    }
}
