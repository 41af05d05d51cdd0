internal import AccessControl
internal import Crypto
internal import SwiftASN1
internal import X509

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A certificate authority for one laboratory: whoever is told to trust it trusts the servers, or the clients, whose
/// certificates it made.
public struct LaboratoryAuthority: Sendable {
    private let certificate: Certificate
    private let key: Certificate.PrivateKey

    /// A certificate and its key, in PEM form.
    public struct Pair: Equatable, Sendable {
        public let certificate: String
        public let key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// For how many days it is one.
    public static let lifetime = 3650
    /// For how many days what it makes is valid at most: Apple's systems take no server's that is valid for longer.
    public static let longestLifetime = 825
    private static let secondsOfDay = 86_400.0
    /// Clocks that are a little behind needn't wait.
    private static let headStart = 3600.0

    /// A new one.
    ///
    /// - Parameter now: in seconds since 1970-01-01T00:00:00Z.
    public init(at now: Double) throws {
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let start = Date(timeIntervalSince1970: now)
        let identifier = SubjectKeyIdentifier(hash: key.publicKey)
        let name = try DistinguishedName { CommonName("paddler laboratory authority of \(Self.day(start))") }
        certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: start - Self.headStart,
            notValidAfter: start + Double(Self.lifetime) * Self.secondsOfDay,
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                identifier
            },
            issuerPrivateKey: key
        )
    }

    /// One that was made before.
    ///
    /// - Throws: ``LaboratoryAuthorityFailure`` when the two can't be read, or are no authority and its key.
    public init(_ pair: Pair) throws(LaboratoryAuthorityFailure) {
        guard let certificate = try? Certificate(pemEncoded: pair.certificate) else {
            throw .noCertificate
        }
        guard let key = try? Certificate.PrivateKey(pemEncoded: pair.key) else { throw .noKey }
        guard key.publicKey == certificate.publicKey else { throw .foreignKey }
        guard case .isCertificateAuthority = try? certificate.extensions.basicConstraints else { throw .noAuthority }
        self.certificate = certificate
        self.key = key
    }

    public var pair: Pair {
        get throws {
            Pair(
                certificate: try certificate.serializeAsPEM().pemString + "\n",
                key: try key.serializeAsPEM().pemString + "\n"
            )
        }
    }

    /// In seconds since 1970-01-01T00:00:00Z.
    public var end: Double { certificate.notValidAfter.timeIntervalSince1970 }

    /// A certificate for a server, and its key. It doesn't outlive the authority.
    ///
    /// - Parameters:
    ///   - names: what the server is called; at least one.
    ///   - days: for how long, from 1 to ``longestLifetime``.
    ///   - now: in seconds since 1970-01-01T00:00:00Z.
    public func server(_ names: [CertifiedName], days: Int, at now: Double) throws -> Pair {
        try pair(names, .serverAuth, called: "paddler server", days: days, at: now)
    }

    /// A certificate for an agent or an operator, and its key: no server can show it, and those of servers are none for clients.
    ///
    /// The parameters are those of ``server(_:days:at:)``.
    public func client(_ names: [CertifiedName], days: Int, at now: Double) throws -> Pair {
        try pair(names, .clientAuth, called: "paddler client", days: days, at: now)
    }

    private func pair(
        _ names: [CertifiedName],
        _ usage: ExtendedKeyUsage.Usage,
        called commonName: String,
        days: Int,
        at now: Double
    ) throws -> Pair {
        let ownKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let start = Date(timeIntervalSince1970: now)
        let own = SubjectKeyIdentifier(hash: ownKey.publicKey)
        let issuers = SubjectKeyIdentifier(hash: key.publicKey)
        let made = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: ownKey.publicKey,
            notValidBefore: max(start - Self.headStart, certificate.notValidBefore),
            notValidAfter: min(start + Double(days) * Self.secondsOfDay - Self.headStart, certificate.notValidAfter),
            issuer: certificate.subject,
            subject: try DistinguishedName { CommonName(commonName) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([usage])
                SubjectAlternativeNames(names.map(\.generalName))
                AuthorityKeyIdentifier(keyIdentifier: issuers.keyIdentifier)
                own
            },
            issuerPrivateKey: key
        )
        return Pair(
            certificate: try made.serializeAsPEM().pemString + "\n",
            key: try ownKey.serializeAsPEM().pemString + "\n"
        )
    }

    private static func day(_ date: Date) -> String {
        "\(CivilDate(secondsSince1970: Int(date.timeIntervalSince1970)))"
    }
}

extension CertifiedName {
    fileprivate var generalName: GeneralName {
        switch self {
        case .dns(let name): .dnsName(name)
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }
}
