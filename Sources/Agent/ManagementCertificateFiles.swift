/// The PEM files of the certificate that an agent shows balancers.
public struct ManagementCertificateFiles: Hashable, Sendable {
    /// The certificate itself first, then those that vouch for it.
    public let chain: NamedFile
    public let key: NamedFile

    public init(chain: NamedFile, key: NamedFile) {
        self.chain = chain
        self.key = key
    }
}

/// A file, and the flag or variable by which an operator named it, for error messages.
public struct NamedFile: Hashable, Sendable {
    public let path: String
    public let label: String

    public init(path: String, label: String) {
        self.path = path
        self.label = label
    }
}
