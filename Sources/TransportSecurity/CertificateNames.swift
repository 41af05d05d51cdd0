internal import AccessControl
package import NIOSSL

/// The names and addresses for which a certificate was issued.
package struct CertificateNames: Equatable, Sendable {
    /// As they stand in it, perhaps with a star for the first label.
    package private(set) var names: [String] = []
    /// As people write them.
    package private(set) var addresses: [String] = []

    package init(names: [String], addresses: [String]) {
        self.names = names
        self.addresses = addresses
    }

    package init(_ certificate: NIOSSLCertificate) {
        for name in certificate._subjectAlternativeNames() {
            switch name.nameType {
            case .dnsName: names.append(String(decoding: name.contents, as: UTF8.self))
            case .ipAddress: addresses.append(Self.address(Array(name.contents)))
            default: break
            }
        }
    }

    private static func address(_ bytes: [UInt8]) -> String {
        IPAddress(networkOrder: bytes).map { "\($0)" } ?? "an address of \(bytes.count) bytes"
    }

    /// Whether one of the names means this host. An address never does.
    package func include(_ host: String) -> Bool {
        names.contains { Self.matches($0, host) }
    }

    /// Whether it is the name that NIOSSL has found in the certificate of a server that was asked for as `host`, and not an
    /// address.
    ///
    /// NIOSSL takes a certificate for the IP address at the other end for proof of whatever name was asked for. By RFC 9525 6.1
    /// only the name counts: whoever controls the name service and owns a certificate for an address of his own would get
    /// prompts and keys. NIOSSL's own check comes first; here, certificates for addresses are held to it.
    package func vouch(for host: String) -> Bool {
        addresses.isEmpty || include(host)
    }

    /// RFC 9525 6.3: letter case doesn't matter, and a star stands for the whole first label.
    private static func matches(_ presented: String, _ host: String) -> Bool {
        let presented = presented.lowercased(), host = host.lowercased()
        guard presented.hasPrefix("*.") else { return presented == host }
        guard let dot = host.firstIndex(of: "."), dot != host.startIndex else { return false }
        return presented.dropFirst() == host[dot...]
    }
}
