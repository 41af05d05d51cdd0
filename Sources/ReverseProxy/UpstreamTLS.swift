import LlamaServer
import NIOCore
import NIOSSL
import Scheduling
import Synchronization
import TransportSecurity

/// How upstreams whose agents ask for TLS are spoken to: certificates are checked against the system's roots and those of
/// a file. Made when it is first needed: the roots take some megabytes.
final class UpstreamTLS: Sendable {
    private let caFile: String?
    private let context = Mutex<NIOSSLContext?>(nil)

    /// - Throws: when the file of roots can't be used.
    init(caFile: String?) throws {
        self.caFile = caFile
        if caFile != nil { _ = try sharedContext() }
    }

    func handler(for route: UpstreamRoute) throws -> NIOSSLClientHandler {
        let context = try sharedContext()
        // RFC 6066 3: a server name is a name. Without one, the certificate is checked against the address.
        guard SocketAddress(literal: route.address) == nil else {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        let host = route.address.host
        return try NIOSSLClientHandler._makeSSLClientHandler(context: context, serverHostname: host) {
            certificate,
            channel in
            channel.eventLoop.makeCompletedFuture {
                guard CertificateNames(certificate).vouch(for: host) else { throw CertificateNameMismatch(host: host) }
            }
        }
    }

    private func sharedContext() throws -> NIOSSLContext {
        try context.withLock { context in
            if let context { return context }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.applicationProtocols = ["http/1.1"]
            if let caFile {
                do {
                    configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(caFile))]
                } catch {
                    throw UpstreamTLSFailure(caFile: caFile)
                }
            }
            let made = try NIOSSLContext(configuration: configuration)
            context = made
            return made
        }
    }
}

/// Its description is one line for the operator.
struct UpstreamTLSFailure: Error, CustomStringConvertible {
    let caFile: String

    var description: String {
        "\(caFile) cannot be read as a file of certificates in PEM form (see --upstream-ca-file)"
    }
}

/// Its description is for the operator.
struct CertificateNameMismatch: Error, CustomStringConvertible {
    let host: String

    var description: String { "no secure connection: its certificate is for an IP address and not for \(host)" }
}
