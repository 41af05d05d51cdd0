internal import AccessControl
internal import NIOSSL

/// Who vouches for clients: the certificates of a file, as it was read last.
struct ClientAuthorities: Sendable {
    let file: OperatorFile
    let contents: [UInt8]
    let certificates: [NIOSSLCertificate]
    /// Counts how often the file was read.
    let edition: Int
    /// The edition in which one was taken away last: what was verified before it may have been by that one.
    let lastWithdrawal: Int

    /// - Parameter now: in seconds since 1970-01-01T00:00:00Z.
    /// - Throws: why no client's certificate could be verified by it.
    init(_ file: OperatorFile, _ contents: [UInt8], at now: Int) throws(FileFailure) {
        self.init(file, contents, try Self.certificates(file, contents, at: now), edition: 0, lastWithdrawal: 0)
    }

    private init(
        _ file: OperatorFile,
        _ contents: [UInt8],
        _ certificates: [NIOSSLCertificate],
        edition: Int,
        lastWithdrawal: Int
    ) {
        self.file = file
        self.contents = contents
        self.certificates = certificates
        self.edition = edition
        self.lastWithdrawal = lastWithdrawal
    }

    /// By the file's new contents.
    func renewed(_ contents: [UInt8], at now: Int) throws(FileFailure) -> ClientAuthorities {
        let new = try Self.certificates(file, contents, at: now)
        return ClientAuthorities(
            file,
            contents,
            new,
            edition: edition + 1,
            lastWithdrawal: Set(certificates).isSubset(of: new) ? lastWithdrawal : edition + 1
        )
    }

    private static func certificates(
        _ file: OperatorFile,
        _ contents: [UInt8],
        at now: Int
    ) throws(FileFailure) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(contents), !certificates.isEmpty else {
            throw FileFailure(
                file: file,
                reason: "there is no certificate in PEM form in it (-----BEGIN CERTIFICATE-----)"
            )
        }
        guard certificates.contains(where: { $0.notValidAfter >= now }) else {
            throw FileFailure(file: file, reason: "the authority's certificate has expired: give its new one")
        }
        return certificates
    }

    func remarks(at now: Int) -> [String] {
        let expired = certificates.count { $0.notValidAfter < now }
        return expired == 0
            ? [] : ["\(expired) of \(certificates.count) certificates in it have expired: take them out"]
    }

    /// Has a listener ask for a certificate. Who has none goes on without; whoever shows one must be vouched for.
    func ask(in configuration: inout TLSConfiguration) {
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates(certificates)
        // By their names a browser sees that it has none, and doesn't bother anybody.
        configuration.sendCANameList = true
    }
}
