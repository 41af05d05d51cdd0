internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
public import TransportSecurity

/// Asks a few things by HTTP/1.1, one connection for each, without redirects or proxies.
public struct HTTPAsker: Sendable {
    let client: HTTPClient
    let configuration: HTTPClient.Configuration
    private let limit: Duration

    private static let mostBytes = 16 << 20

    /// - Parameters:
    ///   - limit: how long each answer may take, to its end.
    ///   - caFile: a PEM file of certificates to trust, beside the system's.
    ///   - certificate: shown to servers that ask for one; read here.
    /// - Throws: ``CAFileFailure``, `FileFailure` and what `body` throws.
    public static func with<Value: Sendable>(
        limit: Duration,
        caFile: String? = nil,
        certificate: CertificateFiles? = nil,
        _ body: @Sendable (HTTPAsker) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(limit), read: TimeAmount(limit))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        if caFile != nil || certificate != nil {
            var tls = try caFile.map(trusting) ?? .makeClientConfiguration()
            if let certificate { try CertifiedKey(certificate).present(in: &tls) }
            configuration.tlsConfiguration = tls
        }
        let chosen = configuration
        return try await HTTPClient.withHTTPClient(configuration: chosen) { client in
            try await body(HTTPAsker(client: client, configuration: chosen, limit: limit))
        }
    }

    private static func trusting(_ caFile: String) throws -> TLSConfiguration {
        do {
            // Read here, so that a mistake isn't found out by the first connection.
            let certificates = try NIOSSLCertificate.fromPEMFile(caFile)
            guard !certificates.isEmpty else { throw CAFileFailure(path: caFile) }
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.additionalTrustRoots = [.certificates(certificates)]
            return tls
        } catch {
            throw CAFileFailure(path: caFile)
        }
    }

    /// - Parameter method: in capital letters.
    public func ask(
        _ method: String,
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) async -> HTTPAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.headers.replaceOrAdd(name: "connection", value: "close")
        if let body { request.body = .bytes(body) }
        return await answer {
            try await Self.whole(client.execute(request, timeout: TimeAmount(limit)))
        }
    }

    static func whole(_ response: HTTPClientResponse) async throws -> HTTPAnswer {
        let body = try await response.body.collect(upTo: mostBytes)
        return .reply(status: Int(response.status.code), body: Array(body.readableBytesView))
    }

    /// Failures become answers.
    func answer(_ ask: () async throws -> HTTPAnswer) async -> HTTPAnswer {
        do {
            return try await ask()
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            return .none(.timedOut)
        } catch {
            return .none(.failed(RequestFailure.inWords(error)))
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .readTimeout, .connectTimeout, .getConnectionFromPoolTimeout,
    ]
}

/// A file that was to hold certificates.
public struct CAFileFailure: Error, CustomStringConvertible {
    let path: String

    public var description: String { "\(path): there is no certificate in PEM form to read" }
}
