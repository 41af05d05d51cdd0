/// What a certificate says beyond names and times (RFC 5280, 4.2.1).
enum CertificateExtension {
    /// 4.2.1.9.
    case isAuthority
    /// 4.2.1.3.
    case signsCertificates
    /// 4.2.1.6.
    case isFor(addresses: [[UInt8]], names: [String])

    var der: [UInt8] {
        switch self {
        case .isAuthority: critical(0x13, DER.sequence([DER.yes()]))
        // The sixth of the bits.
        case .signsCertificates: critical(0x0F, DER.bits([0x04], unused: 2))
        case .isFor(let addresses, let names):
            DER.sequence([
                identifier(0x11),
                DER.octets(
                    DER.sequence(
                        addresses.map { DER.element(0x87, $0) } + names.map { DER.element(0x82, Array($0.utf8)) }
                    )
                ),
            ])
        }
    }

    private func critical(_ last: UInt8, _ content: [UInt8]) -> [UInt8] {
        DER.sequence([identifier(last), DER.yes(), DER.octets(content)])
    }

    private func identifier(_ last: UInt8) -> [UInt8] { DER.identifier([0x55, 0x1D, last]) }
}
