internal import Foundation

/// A certificate of X.509 (RFC 5280), signed with ECDSA and SHA-256.
struct Certificate {
    private static let ecdsaWithSHA256 = DER.sequence([
        DER.identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02])
    ])
    private static let ecPublicKey = DER.identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01])

    let der: [UInt8]

    /// - Parameters:
    ///   - subject: its common name.
    ///   - key: the subject's.
    ///   - lifetime: in seconds from an hour ago.
    init(
        subject: String,
        key: SigningKey,
        lifetime: Double,
        extensions: [CertificateExtension],
        issuer: String,
        signedWith issuerKey: SigningKey
    ) {
        let start = Date.now - 3600
        let content = DER.sequence([
            // Version 3.
            DER.context(0, DER.integer([2])),
            DER.integer((0..<16).map { _ in .random(in: 1...0x7F) }),
            Self.ecdsaWithSHA256,
            Self.name(issuer),
            DER.sequence([DER.time(start), DER.time(start + lifetime)]),
            Self.name(subject),
            DER.sequence([DER.sequence([Self.ecPublicKey, DER.p256]), DER.bits(key.publicKey)]),
            DER.context(3, DER.sequence(extensions.map(\.der))),
        ])
        der = DER.sequence([content, Self.ecdsaWithSHA256, DER.bits(issuerKey.signature(of: content))])
    }

    var pem: String {
        let base64 = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN CERTIFICATE-----\n\(base64)\n-----END CERTIFICATE-----\n"
    }

    private static func name(_ common: String) -> [UInt8] {
        DER.sequence([DER.set([DER.sequence([DER.identifier([0x55, 0x04, 0x03]), DER.text(common)])])])
    }
}
