import AgentRules
import AsyncHTTPClient
import HTTPExchange
import LlamaServer
import NIOCore
import NIOHTTP1
import NIOSSL

/// Puts the questions to llama-server.
struct LlamaServerProber: Sendable {
    private let client: HTTPClient
    private let origin: String
    private let key: String?

    init(client: HTTPClient, address: NetworkAddress, usesTLS: Bool = false, key: String?) {
        self.client = client
        self.origin = "\(usesTLS ? "https" : "http")://\(address)"
        self.key = key
    }

    static func clientConfiguration(tls: TLSConfiguration = .clientDefault) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(10))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    func answer(to probe: Probe, within limit: Duration) async -> Probe.Answer {
        var request = HTTPClientRequest(url: origin + probe.path)
        request.headers.add(name: "accept", value: "application/json")
        // A connection that is kept occupies one of llama-server's threads, and its closing would race with us.
        request.headers.add(name: "connection", value: "close")
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        do {
            let response = try await client.execute(request, timeout: TimeAmount(limit))
            let body = try await response.body.collect(upTo: probe.maximumReplyBytes)
            return .reply(status: Int(response.status.code), body: Array(body.readableBytesView))
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            return .timedOut
        } catch {
            return .failed(RequestFailure.inWords(error))
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .readTimeout, .connectTimeout, .getConnectionFromPoolTimeout,
    ]
}
