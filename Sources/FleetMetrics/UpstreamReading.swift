import LlamaServer
import Scheduling

/// One upstream in a reading, with what tells it apart from the others.
struct UpstreamReading: Sendable {
    /// On every series of it. What changes while a server stays the same one (its model, its build) is on one series alone,
    /// since a changed label ends a series and begins another.
    static let labelNames = ["upstream", "agent"]
    static let infoLabelNames = ["model", "build"]
    /// Characters: a label is stored and shown with every series.
    static let longestLabel = 100

    /// In the order of ``labelNames``.
    let labels: [String]
    /// In the order of ``infoLabelNames``.
    let infoLabels: [String]
    let snapshot: UpstreamSnapshot
    let metrics: UpstreamMetrics

    init(_ snapshot: UpstreamSnapshot, metrics: UpstreamMetrics?) {
        self.snapshot = snapshot
        self.metrics = metrics ?? UpstreamMetrics()
        labels = Self.labels(snapshot.address, snapshot.name)
        infoLabels = [Self.label(snapshot.models), Self.shortened(snapshot.build ?? "")]
    }

    /// The same for an upstream that is lost as while it was there.
    static func labels(_ address: NetworkAddress, _ name: String?) -> [String] {
        [address.description, shortened(name ?? "")]
    }

    /// The models' names, or how many there are when these make too long a label.
    private static func label(_ models: [String]) -> String {
        let names = models.sorted().joined(separator: ",")
        return models.count > 1 && names.count > longestLabel ? "\(models.count) models" : shortened(names)
    }

    static func shortened(_ text: String) -> String {
        text.count > longestLabel ? text.prefix(longestLabel - 1) + "…" : text
    }
}
