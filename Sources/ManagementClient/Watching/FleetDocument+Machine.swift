extension FleetDocument {
    /// A model that its agent loads and unloads.
    package struct OnDemand: Equatable, Sendable {
        package var memoryBytes: Double?
        /// Nil: it isn't loaded.
        package var loadedForSeconds: Double?
        package var isPinned = false
        /// Why its agent didn't do what it was asked for last, or why the last load failed.
        package var refusal: String?

        package init() {}
    }

    /// A GPU of an upstream's machine.
    package struct Accelerator: Equatable, Sendable {
        package var id: String
        package var host: String
        package var name: String
        package var memoryUsedBytes: Double?
        package var memoryTotalBytes: Double?
        /// 0...1.
        package var utilization: Double?
        package var celsius: Double?

        package init(id: String, host: String, name: String) {
            self.id = id
            self.host = host
            self.name = name
        }
    }
}

extension FleetDocument.OnDemand: Decodable {
    enum CodingKeys: String, CodingKey {
        case memoryBytes = "memory_bytes"
        case loadedForSeconds = "loaded_for_seconds"
        case isPinned = "pinned"
        case refusal
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        memoryBytes = values.amount(.memoryBytes)
        loadedForSeconds = values.amount(.loadedForSeconds)
        isPinned = values.value(.isPinned) ?? false
        refusal = values.value(.refusal)
    }
}

extension FleetDocument.Accelerator: Decodable {
    enum CodingKeys: String, CodingKey {
        case id, host, name, utilization, celsius
        case memoryUsedBytes = "memory_used_bytes"
        case memoryTotalBytes = "memory_total_bytes"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        host = values.value(.host) ?? ""
        name = values.value(.name) ?? ""
        memoryUsedBytes = values.amount(.memoryUsedBytes)
        memoryTotalBytes = values.amount(.memoryTotalBytes)
        utilization = values.amount(.utilization).map { min($0, 1) }
        celsius = values.value(.celsius)
    }
}
