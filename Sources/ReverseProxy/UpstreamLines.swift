import NIOCore
import Scheduling

/// Field lines that an upstream gets instead of the client's.
struct UpstreamLines {
    /// Its own address as `Host`.
    let host: ByteBuffer?
    /// The key that it asks for, instead of whatever key the client showed.
    let key: ByteBuffer?

    /// - Returns: nil when all is passed on as it came.
    init?(for route: UpstreamRoute, _ configuration: ReverseProxyConfiguration) {
        let key = route.apiKey ?? configuration.upstreamAPIKey
        guard configuration.rewritesHostHeader || key != nil else { return nil }
        host = configuration.rewritesHostHeader ? ByteBuffer(string: "Host: \(route.address)\r\n") : nil
        self.key = key.map { ByteBuffer(string: "Authorization: Bearer \($0)\r\n") }
    }
}
