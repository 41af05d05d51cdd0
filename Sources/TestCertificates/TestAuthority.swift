internal import Crypto
internal import Foundation
public import NIOSSL
internal import SwiftASN1
internal import X509

/// A certificate authority that nobody knows, made for one test.
public struct TestAuthority: Sendable {
    private let certificate: Certificate
    private let key: Certificate.PrivateKey
    private let name: DistinguishedName

    public init() throws {
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        name = try DistinguishedName { CommonName("paddler test authority") }
        certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: .now - 3600,
            notValidAfter: .now + 3600,
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerPrivateKey: key
        )
    }

    public var pem: String {
        get throws { try certificate.serializeAsPEM().pemString }
    }

    /// What a server shows, in PEM form.
    ///
    /// - Parameters:
    ///   - names: those that the certificate is for, beside the address 127.0.0.1.
    ///   - lifetime: in seconds from an hour ago; less than an hour's has expired.
    public func server(names: [String] = [], lifetime: Double = 7200) throws -> (chain: String, key: String) {
        let serverKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let server = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: serverKey.publicKey,
            notValidBefore: .now - 3600,
            notValidAfter: .now - 3600 + lifetime,
            issuer: name,
            subject: try DistinguishedName { CommonName("paddler test server") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                SubjectAlternativeNames(
                    [.ipAddress(.init(contentBytes: [127, 0, 0, 1]))] + names.map(GeneralName.dnsName)
                )
            },
            issuerPrivateKey: key
        )
        return (try server.serializeAsPEM().pemString + "\n", try serverKey.serializeAsPEM().pemString + "\n")
    }

    /// What a server shows; the parameters are those of ``server(names:lifetime:)``.
    public func serverConfiguration(names: [String] = [], lifetime: Double = 7200) throws -> TLSConfiguration {
        let (chain, key) = try server(names: names, lifetime: lifetime)
        let certificate = try NIOSSLCertificate(bytes: Array(chain.utf8), format: .pem)
        let privateKey = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        return .makeServerConfiguration(
            certificateChain: [.certificate(certificate)],
            privateKey: .privateKey(privateKey)
        )
    }

    /// What a client that trusts it is made of.
    public func clientConfiguration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: Array(try pem.utf8), format: .pem)])
        return configuration
    }

    /// A file with the authority's certificate for as long as the body runs.
    public func withFile(_ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem")
        try Data(try pem.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
    }
}
