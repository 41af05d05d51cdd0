import Scheduling

/// A GPU in a reading.
struct AcceleratorReading: Sendable {
    static let labelNames = ["host", "accelerator", "name"]
    /// In one reading: each is up to four series.
    static let most = 1024

    /// In the order of ``labelNames``.
    let labels: [String]
    let accelerator: Accelerator

    static func all(_ accelerators: [Accelerator]) -> [AcceleratorReading] {
        accelerators.prefix(most).map { one in
            let labels = [one.host, one.id, one.name].map(UpstreamReading.shortened)
            return AcceleratorReading(labels: labels, accelerator: one)
        }
    }
}
