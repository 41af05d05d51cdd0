internal import AccessControl
internal import Foundation
public import NIOSSL
public import TransportSecurity

/// Pairs of a certificate and its key, as an operator keeps them, and the authority that made them.
public final class CertificateFolder: Sendable {
    public let authority: TestAuthority
    private let folder = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID().uuidString)")

    public init() throws {
        authority = try TestAuthority()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(try authority.pem + "\n", to: "authority.pem")
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Makes a pair for these names, beside the address 127.0.0.1, in place of the one that was called so.
    ///
    /// - Parameter lifetime: in seconds from an hour ago.
    @discardableResult
    public func write(_ pair: String, names: [String] = [], lifetime: Double = 7200) throws -> CertificateFiles {
        let (chain, key) = try authority.server(names: names, lifetime: lifetime)
        try write(chain, to: "\(pair).pem")
        try write(key, to: "\(pair).key")
        return files(pair)
    }

    /// Has a client show a pair that was written.
    public func present(_ pair: String, in configuration: inout TLSConfiguration) throws {
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(path("\(pair).pem")).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: path("\(pair).key"), format: .pem))
    }

    /// - Parameter text: nil: there is to be no such file.
    public func write(_ text: String?, to name: String) throws {
        guard let text else { return try FileManager.default.removeItem(atPath: path(name)) }
        try Data(text.utf8).write(to: folder.appending(path: name), options: .atomic)
    }

    /// Has a name lead elsewhere, from one moment to the next.
    public func link(_ name: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path("new"), withDestinationPath: destination)
        guard rename(path("new"), path(name)) == 0 else { throw POSIXError(.EIO) }
    }

    public func files(_ pair: String) -> CertificateFiles {
        CertificateFiles(
            chain: OperatorFile(path: path("\(pair).pem"), flag: "--reverseproxy-tls-cert"),
            key: OperatorFile(path: path("\(pair).key"), flag: "--reverseproxy-tls-key")
        )
    }

    public func path(_ name: String) -> String { folder.appending(path: name).path }

    /// For clients that trust the authority.
    ///
    /// - Parameter protocols: what they speak, by its names for ALPN.
    public func clientContext(protocols: [String] = []) throws -> NIOSSLContext {
        var configuration = try authority.clientConfiguration()
        configuration.applicationProtocols = protocols
        return try NIOSSLContext(configuration: configuration)
    }
}
