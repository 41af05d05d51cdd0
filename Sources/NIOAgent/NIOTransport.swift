import Agent
import AsyncHTTPClient
import LlamaServer
import NIOCore
import NIOSSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// HTTP by AsyncHTTPClient, with the certificates that operators name.
struct NIOTransport: AgentTransport {
    /// Whom to trust.
    private let tls: TLSConfiguration
    /// Shown to balancers that ask for one.
    private let certificate: ManagementCertificate?

    init(tls: TLSConfiguration = .clientDefault, certificate: ManagementCertificate? = nil) {
        self.tls = tls
        self.certificate = certificate
    }

    var dialects: [AgentDialect] { AgentDialect.allCases }

    var ownAddresses: Set<String> {
        Set(((try? System.enumerateDevices()) ?? []).compactMap { $0.address?.ipAddress })
    }

    /// A socket's path stands for the host, written as one.
    func origin(of server: NetworkAddress, usingTLS: Bool) -> String {
        guard let path = server.socketPath,
            let url = usingTLS ? URL(httpsURLWithSocketPath: path) : URL(httpURLWithSocketPath: path)
        else { return "\(usingTLS ? "https" : "http")://\(server)" }
        return String(url.absoluteString.dropLast())
    }

    func withServerClient<Value>(_ body: (any AgentClient) async throws -> Value) async throws -> Value {
        try await withClient(
            Self.configuration(tls, HTTPClient.Configuration.Timeout(connect: .seconds(10), read: .seconds(10))),
            body
        )
    }

    func withBalancerClient<Value>(
        usingTLS: Bool,
        _ body: (any AgentClient) async throws -> Value
    ) async throws -> Value {
        var tls = tls
        if usingTLS { certificate?.present(in: &tls) }
        var configuration = Self.configuration(tls, HTTPClient.Configuration.Timeout(connect: .seconds(5)))
        #if os(Linux)
            configuration.http1_1ConnectionDebugInitializer = { channel in
                channel.setOption(.tcpOption(Self.tcpUserTimeout), value: Self.silenceLimitMilliseconds)
            }
        #endif
        return try await withClient(configuration, body)
    }

    private func withClient<Value>(
        _ configuration: HTTPClient.Configuration,
        _ body: (any AgentClient) async throws -> Value
    ) async throws -> Value {
        try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await body(NIOClient(client: client))
        }
    }

    private static func configuration(
        _ tls: TLSConfiguration,
        _ timeout: HTTPClient.Configuration.Timeout
    ) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: timeout
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    #if os(Linux)
        /// TCP_USER_TIMEOUT, tcp(7): heartbeats that aren't acknowledged for this long end the connection, instead of being
        /// sent again for a quarter of an hour to a machine that is gone.
        private static let tcpUserTimeout = NIOBSDSocket.Option(rawValue: 18)
        private static let silenceLimitMilliseconds = 10_000
    #endif
}
