import FleetMetrics
import RequestRecords
import ReverseProxy

/// Where exporters get what they export.
struct MetricsSource: Sendable {
    let dispatcher: Dispatcher
    let proxy: ReverseProxyServer
    let version: String
    let refusals: ManagementRefusals
    let accessLog: AccessLog?
    let tracedRequests: TracedRequests?

    /// What is counted at this moment.
    @Sendable
    func readFleet() async -> FleetReading {
        FleetReading(fleet: dispatcher.snapshot(), proxy: await proxy.metrics())
    }

    /// A reading of this moment.
    @Sendable
    func read() async -> MetricsReading {
        let reading = await readFleet()
        return MetricsReading(
            fleet: reading.fleet,
            proxy: reading.proxy,
            bytesHeld: proxy.bytesHeld,
            version: version,
            refusals: refusals.counts,
            accessLogLost: accessLog?.lost ?? 0,
            traceSpansLost: tracedRequests?.lost ?? 0,
            process: .current()
        )
    }
}
