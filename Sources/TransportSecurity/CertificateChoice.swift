/// Which of several certificates a client is shown, by the server that it names (RFC 6066 3).
struct CertificateChoice: Sendable {
    /// For clients that name none, or none that is known.
    let usual: ListenerCertificate
    private let others: ArraySlice<ListenerCertificate>

    /// - Parameter certificates: at least one.
    init(_ certificates: [ListenerCertificate]) {
        usual = certificates[0]
        others = certificates.dropFirst()
    }

    /// Whether it matters what a client names.
    var depends: Bool { !others.isEmpty }

    /// The first that is for this name.
    func certificate(for name: String?) -> ListenerCertificate {
        guard let name, !usual.names.include(name) else { return usual }
        return others.first { $0.names.include(name) } ?? usual
    }
}
