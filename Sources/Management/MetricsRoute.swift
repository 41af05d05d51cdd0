import FleetMetrics
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /metrics`: what Prometheus scrapes.
struct MetricsRoute {
    static let path: RouterPath = "/metrics"

    let reading: @Sendable () async -> MetricsReading

    func add(to router: Router<ManagementContext>) {
        router.get(Self.path) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: PrometheusText(await reading()).text))
            )
        }
        router.refuseOtherMethods(at: Self.path, allowed: [.get, .head])
    }
}
