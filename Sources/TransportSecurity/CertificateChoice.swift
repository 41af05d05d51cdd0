/// Which of several certificates a client is shown, by the server that it names (RFC 6066 3).
struct CertificateChoice: Sendable {
    /// For clients that name none, or none that is known.
    let usual: CertifiedKey
    private let others: ArraySlice<CertifiedKey>

    /// - Parameter certificates: at least one.
    init(_ certificates: [CertifiedKey]) {
        usual = certificates[0]
        others = certificates.dropFirst()
    }

    /// Whether it matters what a client names.
    var depends: Bool { !others.isEmpty }

    /// The first that is for this name.
    func certificate(for name: String?) -> CertifiedKey {
        guard let name, !usual.names.include(name) else { return usual }
        return others.first { $0.names.include(name) } ?? usual
    }
}
