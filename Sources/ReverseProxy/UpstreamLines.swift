import LlamaServer
import NIOCore
import Scheduling

/// What an upstream gets in its request's head instead of what the client wrote.
struct UpstreamLines {
    /// Its own address as `Host`.
    let host: ByteBuffer?
    /// The key that it asks for, instead of whatever key the client showed.
    let key: ByteBuffer?
    /// The value of ``key``'s line.
    let bearer: String?
    /// In front of the path.
    let pathPrefix: [UInt8]

    /// - Returns: nil when all is passed on as it came.
    init?(for route: UpstreamRoute, _ configuration: ReverseProxyConfiguration) {
        let key = route.apiKey ?? configuration.upstreamAPIKey
        guard configuration.rewritesHostHeader || key != nil || route.pathPrefix != nil else { return nil }
        host = configuration.rewritesHostHeader ? ByteBuffer(string: "Host: \(route.address.authority)\r\n") : nil
        pathPrefix = (route.pathPrefix?.text).map { Array($0.utf8) } ?? []
        bearer = key.map { "Bearer \($0)" }
        self.key = bearer.map { ByteBuffer(string: "Authorization: \($0)\r\n") }
    }
}
