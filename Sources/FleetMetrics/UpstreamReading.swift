import LlamaServer
import Scheduling

/// One upstream in a reading, with what tells it apart from the others.
struct UpstreamReading: Sendable {
    static let labelNames = ["upstream", "agent", "model"]
    /// Characters: a label is stored and shown with every series.
    static let longestLabel = 100

    /// In the order of ``labelNames``.
    let labels: [String]
    let snapshot: UpstreamSnapshot
    let metrics: UpstreamMetrics

    init(_ snapshot: UpstreamSnapshot, metrics: UpstreamMetrics?) {
        self.snapshot = snapshot
        self.metrics = metrics ?? UpstreamMetrics()
        labels = [snapshot.address.description, Self.shortened(snapshot.name ?? ""), Self.label(snapshot.models)]
    }

    /// The models' names, or how many there are when these make too long a label.
    private static func label(_ models: [String]) -> String {
        let names = models.sorted().joined(separator: ",")
        return models.count > 1 && names.count > longestLabel ? "\(models.count) models" : shortened(names)
    }

    private static func shortened(_ text: String) -> String {
        text.count > longestLabel ? text.prefix(longestLabel - 1) + "…" : text
    }
}
