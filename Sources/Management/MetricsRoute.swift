import FleetMetrics
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /metrics`: what Prometheus scrapes.
struct MetricsRoute {
    static let path: RouterPath = "/metrics"

    let reading: @Sendable () async -> MetricsReading

    func add(to router: Router<ManagementContext>) {
        router.get(Self.path) { request, _ in
            let text = ByteBuffer(string: PrometheusText(await reading()).text)
            var headers: HTTPFields = [
                .contentType: PrometheusText.contentType, .cacheControl: "no-store", .vary: "Accept-Encoding",
            ]
            guard let compressed = CompressedBody(text, accepted: request.headers[.acceptEncoding] ?? "") else {
                return Response(status: .ok, headers: headers, body: .init(byteBuffer: text))
            }
            headers[.contentEncoding] = compressed.coding
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: compressed.bytes))
        }
        router.refuseOtherMethods(at: Self.path, allowed: [.get, .head])
    }
}
