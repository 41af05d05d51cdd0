import AsyncHTTPClient
import LlamaServer
import NIOCore
import NIOHTTP1
import NIOSSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where one balancer is reached, and how it is spoken to.
struct BalancerEndpoint: Sendable {
    let address: NetworkAddress
    let usesTLS: Bool
    /// Shown with each request; never logged.
    let token: ManagementToken?
    /// Shown to those who ask for one.
    let certificate: ManagementCertificate?
    let tls: TLSConfiguration

    var hasToken: Bool { token?.isGiven == true }

    func get(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "\(usesTLS ? "https" : "http")://\(address)\(path)")
        if let token = token?.current() { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        return request
    }

    func post(_ path: String, contentType: String?) -> HTTPClientRequest {
        var request = get(path)
        request.method = .POST
        if let contentType { request.headers.add(name: "content-type", value: contentType) }
        return request
    }

    /// For a client that serves one connection: nothing is reused, the name is resolved anew, and no other link is in
    /// the way.
    var clientConfiguration: HTTPClient.Configuration {
        var tls = tls
        if usesTLS { certificate?.present(in: &tls) }
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

extension BalancerEndpoint {
    private static let healthLimit = TimeAmount.seconds(5)
    private static let longestHealth = 16 * 1024

    /// Whether its health is that of Paddler 0.10's management: not known to be, if there is no answer.
    func isOfVersion010() async -> Bool {
        let health = try? await HTTPClient.withHTTPClient(configuration: clientConfiguration) { client in
            let response = try await client.execute(get("/health"), timeout: Self.healthLimit)
            let body = try await response.body.collect(upTo: Self.longestHealth)
            return try JSONDecoder().decode(Health.self, from: Data(body.readableBytesView))
        }
        return health?.registeredTargets != nil && health?.slotsTotal == nil
    }

    private struct Health: Decodable {
        let registeredTargets: Int?
        /// Of ours, which takes reports of 1.x.
        let slotsTotal: Int?

        enum CodingKeys: String, CodingKey {
            case registeredTargets = "registered_targets"
            case slotsTotal = "slots_total"
        }
    }
}
