public import Scheduling

/// What the scheduler and the proxy have counted, at one moment.
public struct FleetReading: Sendable {
    public let fleet: FleetSnapshot
    public let proxy: ProxyMetrics

    public init(fleet: FleetSnapshot, proxy: ProxyMetrics) {
        self.fleet = fleet
        self.proxy = proxy
    }
}
