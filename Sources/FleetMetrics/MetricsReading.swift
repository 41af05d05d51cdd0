public import Scheduling

/// Everything that is measured, at one moment: what exporters turn into their formats.
public struct MetricsReading: Sendable {
    public var fleet: FleetSnapshot
    public var proxy: ProxyMetrics
    /// Bytes of request bodies that are held now.
    public var bytesHeld: Int
    /// The program's version.
    public var version: String

    public init(fleet: FleetSnapshot, proxy: ProxyMetrics, bytesHeld: Int, version: String) {
        self.fleet = fleet
        self.proxy = proxy
        self.bytesHeld = bytesHeld
        self.version = version
    }
}
