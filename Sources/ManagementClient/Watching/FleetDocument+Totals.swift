extension FleetDocument {
    /// What a balancer says of itself and of all its upstreams together.
    package struct Totals: Equatable, Sendable {
        package var version: String?
        /// Seconds since 1970: when the newest sample was taken.
        package var time: Double?
        package var uptimeSeconds: Double?
        /// It is about to stop.
        package var isDraining = false
        package var registered: Int?
        package var usable: Int?
        /// Upstreams whose agents went without a word.
        package var lost: Int?
        /// Those whose models are loaded when requests ask for them.
        package var unloaded: Int?
        /// Of usable upstreams.
        package var slotsTotal: Int?
        package var slotsProcessing: Int?
        package var queued: Int?
        package var queueMaximum: Int?
        package var oldestWaitMilliseconds: Double?
        package var sample: HistorySample?
        /// Empty while the fleet serves one model, or when the balancer doesn't say.
        package var models: [Model] = []

        package init() {}
    }
}

extension FleetDocument.Totals: Decodable {
    enum CodingKeys: String, CodingKey {
        case version, time
        case uptimeSeconds = "uptime_seconds"
        case isDraining = "is_draining"
        case registered, usable, lost, states
        case slotsTotal = "slots_total"
        case slotsProcessing = "slots_processing"
        case queued
        case queueMaximum = "queue_maximum"
        case oldestWaitMilliseconds = "oldest_wait_ms"
        case sample, models
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = values.value(.version)
        time = values.time(.time)
        uptimeSeconds = values.amount(.uptimeSeconds)
        isDraining = values.value(.isDraining) ?? false
        registered = values.count(.registered)
        usable = values.count(.usable)
        lost = values.count(.lost)
        unloaded = values.value(.states, [String: Int].self)?["unloaded"].map { max(0, $0) }
        slotsTotal = values.count(.slotsTotal)
        slotsProcessing = values.count(.slotsProcessing)
        queued = values.count(.queued)
        queueMaximum = values.count(.queueMaximum)
        oldestWaitMilliseconds = values.amount(.oldestWaitMilliseconds)
        sample = values.value(.sample)
        models = values.value(.models) ?? []
    }
}
