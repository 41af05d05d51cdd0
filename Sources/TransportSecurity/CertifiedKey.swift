public import AccessControl
package import NIOSSL

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What somebody shows of itself, a listener or a client, and the key that proves it.
public struct CertifiedKey: Sendable {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    let names: CertificateNames
    /// In seconds since 1970-01-01T00:00:00Z, as its end.
    let firstSecond: Int
    let lastSecond: Int

    /// As its files are now.
    ///
    /// - Throws: why it can't be used.
    public init(_ files: CertificateFiles) throws(FileFailure) {
        try self.init(files, chain: files.chain.contents(), key: files.key.contents(), at: time(nil))
    }

    /// - Parameters:
    ///   - files: whose contents follow.
    ///   - now: in seconds since 1970-01-01T00:00:00Z.
    /// - Throws: why nobody could be served with it.
    init(_ files: CertificateFiles, chain: [UInt8], key: [UInt8], at now: Int) throws(FileFailure) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(chain), let own = certificates.first else {
            throw FileFailure(
                file: files.chain,
                reason: "there is no certificate in PEM form in it (-----BEGIN CERTIFICATE-----)"
            )
        }
        self.chain = certificates
        self.key = try Self.key(key, of: files.key)
        names = CertificateNames(own)
        firstSecond = Int(own.notValidBefore)
        lastSecond = Int(own.notValidAfter)
        guard firstSecond <= now else {
            let day = CivilDate(secondsSince1970: firstSecond)
            throw FileFailure(
                file: files.chain,
                reason: "the certificate is valid from \(day) on, and not now: see to the machine's clock"
            )
        }
        guard now <= lastSecond else {
            let day = CivilDate(secondsSince1970: max(0, lastSecond))
            throw FileFailure(file: files.chain, reason: "the certificate expired on \(day): get a new one")
        }
        try checkFit(files)
    }

    /// Has a client show it to those who ask for a certificate.
    package func present(in configuration: inout TLSConfiguration) {
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key)
    }

    private static func key(_ bytes: [UInt8], of file: OperatorFile) throws(FileFailure) -> NIOSSLPrivateKey {
        if let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { return key }
        let marks = ["ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"]
        guard !marks.contains(where: { bytes.firstRange(of: Array($0.utf8)) != nil }) else {
            throw FileFailure(
                file: file,
                reason:
                    "a passphrase protects the key, and nobody is there to enter it: take it off (openssl pkey -in OLD -out NEW)"
            )
        }
        throw FileFailure(
            file: file,
            reason: "there is no private key in PEM form in it (-----BEGIN PRIVATE KEY-----)"
        )
    }

    /// BoringSSL finds out when both are used together.
    private func checkFit(_ files: CertificateFiles) throws(FileFailure) {
        do {
            _ = try NIOSSLContext(configuration: ListenerCertificates.configuration(for: self))
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw FileFailure(
                file: files.key,
                reason:
                    "the key is not that of the first certificate in \(files.chain.path): give the two that belong together"
            )
        } catch {
            throw FileFailure(file: files.chain, reason: "the certificate cannot be used: \(error)")
        }
    }
}
