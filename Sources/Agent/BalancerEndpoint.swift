import AsyncHTTPClient
import LlamaServer
import NIOCore
import NIOHTTP1
import NIOSSL

/// Where one balancer is reached, and how it is spoken to.
struct BalancerEndpoint: Sendable {
    let address: NetworkAddress
    let usesTLS: Bool
    /// Shown with each request; never logged.
    let token: String?
    let tls: TLSConfiguration

    func post(_ path: String, contentType: String?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "\(usesTLS ? "https" : "http")://\(address)\(path)")
        request.method = .POST
        if let contentType { request.headers.add(name: "content-type", value: contentType) }
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        return request
    }

    /// For a client that serves one connection: nothing is reused, the name is resolved anew, and no other link is in
    /// the way.
    var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        #if os(Linux)
            configuration.http1_1ConnectionDebugInitializer = { channel in
                channel.setOption(.tcpOption(Self.tcpUserTimeout), value: Self.silenceLimitMilliseconds)
            }
        #endif
        return configuration
    }

    #if os(Linux)
        /// TCP_USER_TIMEOUT, tcp(7): heartbeats that aren't acknowledged for this long end the connection, instead of being
        /// sent again for a quarter of an hour to a machine that is gone.
        private static let tcpUserTimeout = NIOBSDSocket.Option(rawValue: 18)
        private static let silenceLimitMilliseconds = 10_000
    #endif
}
