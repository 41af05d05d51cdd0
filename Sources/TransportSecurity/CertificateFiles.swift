public import AccessControl

/// Where an operator keeps one certificate of a listener, and its key.
public struct CertificateFiles: Sendable {
    /// The listener's own certificate first, then those that vouch for it; PEM.
    let chain: OperatorFile
    /// PEM.
    let key: OperatorFile

    public init(chain: OperatorFile, key: OperatorFile) {
        self.chain = chain
        self.key = key
    }
}
