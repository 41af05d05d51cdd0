extension FleetDocument {
    /// One of several models that the fleet serves.
    package struct Model: Equatable, Sendable {
        /// Nil: of the servers that don't say what they serve.
        package var name: String?
        /// Upstreams that requests for it are sent to; the slots are theirs.
        package var usable = 0
        package var slotsTotal = 0
        package var slotsProcessing = 0
        /// Requests that wait for it.
        package var queued = 0
        package var oldestWaitMilliseconds: Double?

        package init(name: String? = nil) {
            self.name = name
        }
    }
}

extension FleetDocument.Model: Decodable {
    enum CodingKeys: String, CodingKey {
        case name, usable
        case slotsTotal = "slots_total"
        case slotsProcessing = "slots_processing"
        case queued
        case oldestWaitMilliseconds = "oldest_wait_ms"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = values.value(.name)
        usable = values.count(.usable) ?? 0
        slotsTotal = values.count(.slotsTotal) ?? 0
        slotsProcessing = values.count(.slotsProcessing) ?? 0
        queued = values.count(.queued) ?? 0
        oldestWaitMilliseconds = values.amount(.oldestWaitMilliseconds)
    }
}
