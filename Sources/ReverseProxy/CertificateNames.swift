import NIOSSL

/// The names and addresses for which a certificate was issued.
///
/// NIOSSL takes a certificate for the IP address at the other end for proof of whatever name was asked for. By RFC 9525 6.1 only
/// the name counts: whoever controls the name service and owns a certificate for an address of his own would get prompts
/// and keys. NIOSSL's own check comes first; here, certificates for addresses are held to it.
struct CertificateNames {
    private(set) var names: [String] = []
    private(set) var includesAddresses = false

    init(names: [String], includesAddresses: Bool) {
        self.names = names
        self.includesAddresses = includesAddresses
    }

    init(_ certificate: NIOSSLCertificate) {
        for name in certificate._subjectAlternativeNames() {
            switch name.nameType {
            case .dnsName: names.append(String(decoding: name.contents, as: UTF8.self))
            case .ipAddress: includesAddresses = true
            default: break
            }
        }
    }

    /// Whether it is the name that NIOSSL has found in the certificate, and not an address.
    func vouch(for host: String) -> Bool {
        !includesAddresses || names.contains { Self.matches($0, host) }
    }

    /// RFC 9525 6.3: letter case doesn't matter, and a star stands for the whole first label.
    private static func matches(_ presented: String, _ host: String) -> Bool {
        let presented = presented.lowercased(), host = host.lowercased()
        guard presented.hasPrefix("*.") else { return presented == host }
        guard let dot = host.firstIndex(of: "."), dot != host.startIndex else { return false }
        return presented.dropFirst() == host[dot...]
    }
}

/// Its description is for the operator.
struct CertificateNameMismatch: Error, CustomStringConvertible {
    let host: String

    var description: String { "no secure connection: its certificate is for an IP address and not for \(host)" }
}
