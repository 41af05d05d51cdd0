internal import AccessControl
internal import NIOSSL
internal import SwiftASN1
internal import X509

/// A certificate that a client has shown, and that was verified when its connection was opened.
package struct ClientCertificate: Hashable, Sendable {
    /// Whom it is for: its DNS names, or its common name where it has none (RFC 6125 6.4.4).
    package let names: [String]
    /// When it ends, in seconds since 1970-01-01T00:00:00Z.
    package let lastSecond: Int
    /// Of the authorities by which it was verified.
    let edition: Int
    private let serialNumber: [UInt8]

    init(names: [String], lastSecond: Int, edition: Int, serialNumber: [UInt8] = []) {
        self.names = names
        self.lastSecond = lastSecond
        self.edition = edition
        self.serialNumber = serialNumber
    }

    init(_ certificate: NIOSSLCertificate, edition: Int) {
        self.init(
            names: Self.names(of: certificate),
            lastSecond: Int(certificate.notValidAfter),
            edition: edition,
            serialNumber: certificate.serialNumber
        )
    }

    /// Whether it is for this name.
    package func include(_ name: String) -> Bool {
        CertificateNames(names: names, addresses: []).include(name)
    }

    /// For log lines and refusals: a few of its names, as far as they may be shown.
    package var shownNames: String { Self.shown(names) }

    static func names(of certificate: NIOSSLCertificate) -> [String] {
        let names = CertificateNames(certificate).names
        guard names.isEmpty else { return names }
        return commonName(of: certificate).map { [$0] } ?? []
    }

    private static func commonName(of certificate: NIOSSLCertificate) -> String? {
        guard let bytes = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: bytes) else {
            return nil
        }
        for attribute in parsed.subject.lazy.flatMap({ $0 }) where attribute.type == .RDNAttributeType.commonName {
            if let name = String(attribute.value), !name.isEmpty { return name }
        }
        return nil
    }

    private static let mostShown = 4
    private static let longestShown = 64

    static func shown(_ names: [String]) -> String {
        guard !names.isEmpty else { return "nobody by name" }
        let shown = names.prefix(mostShown).map { name in
            String(String.UnicodeScalarView(name.unicodeScalars.prefix(longestShown).map { $0.isPlain ? $0 : "?" }))
        }
        return shown.joined(separator: ", ") + (names.count > mostShown ? " and \(names.count - mostShown) more" : "")
    }
}

extension Unicode.Scalar {
    fileprivate var isPlain: Bool { (0x20...0x7E).contains(value) }
}

/// Why a client's certificate was not taken, in words that follow on the client.
enum ClientCertificateRefusal {
    /// - Parameters:
    ///   - certificate: as it was shown; whatever stands in it, nobody vouches for.
    ///   - now: in seconds since 1970-01-01T00:00:00Z.
    static func inWords(_ certificate: NIOSSLCertificate?, at now: Int) -> String {
        guard let certificate else { return "no authority that is known here vouches for its certificate" }
        let name = ClientCertificate.shown(ClientCertificate.names(of: certificate))
        let (first, last) = (Int(certificate.notValidBefore), Int(certificate.notValidAfter))
        if now > last {
            return "its certificate (\(name)) expired on \(CivilDate(secondsSince1970: max(0, last)))"
        }
        if now < first { return "its certificate (\(name)) is valid from \(CivilDate(secondsSince1970: first)) on" }
        return "no authority that is known here vouches for its certificate (\(name)), or it is not for clients"
    }
}
