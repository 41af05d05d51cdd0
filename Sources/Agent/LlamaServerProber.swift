import AgentRules
import AsyncHTTPClient
import HTTPExchange
import LlamaServer
import NIOCore
import NIOHTTP1
import NIOSSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Puts the questions to llama-server.
struct LlamaServerProber: Sendable {
    private let client: HTTPClient
    private let origin: String
    private let key: String?

    init(client: HTTPClient, address: NetworkAddress, usesTLS: Bool = false, prefix: PathPrefix? = nil, key: String?) {
        self.client = client
        self.origin = Self.origin(address, usesTLS) + (prefix?.text ?? "")
        self.key = key
    }

    /// Without the slash of a path. A socket's path stands for the host, written as one.
    private static func origin(_ address: NetworkAddress, _ usesTLS: Bool) -> String {
        guard let path = address.socketPath,
            let url = usesTLS ? URL(httpsURLWithSocketPath: path) : URL(httpURLWithSocketPath: path)
        else { return "\(usesTLS ? "https" : "http")://\(address)" }
        return String(url.absoluteString.dropLast())
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
        if let body = probe.body {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
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
