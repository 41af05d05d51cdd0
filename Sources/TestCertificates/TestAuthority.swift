internal import Foundation
public import NIOSSL

/// A certificate authority that nobody knows, made for one test.
public struct TestAuthority {
    private static let name = "paddler test authority"

    private let key = SigningKey()

    /// Its certificate, valid for an hour.
    public let pem: String

    /// An authority with a key of its own.
    public init() {
        let certificate = Certificate(
            subject: Self.name,
            key: key,
            lifetime: 7200,
            extensions: [.isAuthority, .signsCertificates],
            issuer: Self.name,
            signedWith: key
        )
        pem = certificate.pem
    }

    /// What a server shows.
    ///
    /// - Parameters:
    ///   - names: those that the certificate is for, beside the address 127.0.0.1.
    ///   - lifetime: in seconds from an hour ago; less than an hour's has expired.
    /// - Throws: when NIOSSL takes no certificate or key of ours.
    public func serverConfiguration(names: [String] = [], lifetime: Double = 7200) throws -> TLSConfiguration {
        let serverKey = SigningKey()
        let certificate = Certificate(
            subject: "paddler test server",
            key: serverKey,
            lifetime: lifetime,
            extensions: [.isFor(addresses: [[127, 0, 0, 1]], names: names)],
            issuer: Self.name,
            signedWith: key
        )
        return .makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: certificate.der, format: .der))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: serverKey.der, format: .der))
        )
    }

    /// A file with the authority's certificate for as long as the body runs.
    public func withFile(_ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem")
        try Data(pem.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
    }
}
