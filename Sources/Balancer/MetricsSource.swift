import FleetMetrics
import ReverseProxy

/// Where exporters get what they export.
struct MetricsSource: Sendable {
    let dispatcher: Dispatcher
    let proxy: ReverseProxyServer
    let version: String

    /// A reading of this moment.
    @Sendable
    func read() async -> MetricsReading {
        MetricsReading(
            fleet: dispatcher.snapshot(),
            proxy: await proxy.metrics(),
            bytesHeld: proxy.bytesHeld,
            version: version,
            process: .current()
        )
    }
}
