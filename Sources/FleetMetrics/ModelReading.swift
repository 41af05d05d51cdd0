import Scheduling

/// One of several models in a reading.
struct ModelReading: Sendable {
    static let labelNames = ["model"]

    /// In the order of ``labelNames``; empty for the servers that don't say what they serve.
    let labels: [String]
    let snapshot: ModelSnapshot

    /// Of names that are alike up to a label's length, the first alone: no series may be there twice.
    static func all(_ models: [ModelSnapshot]) -> [ModelReading] {
        var labels: Set<String> = []
        return models.compactMap { model in
            let label = UpstreamReading.shortened(model.name ?? "")
            return labels.insert(label).inserted ? ModelReading(labels: [label], snapshot: model) : nil
        }
    }
}
