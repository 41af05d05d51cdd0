/// When the certificate that a listener shows expires.
public struct CertificateReading: Equatable, Sendable {
    /// `reverse_proxy` or `management`.
    public let listener: String
    /// Where it was read.
    public let file: String
    /// In seconds since 1970-01-01T00:00:00Z.
    public let end: Int

    public init(listener: String, file: String, end: Int) {
        self.listener = listener
        self.file = file
        self.end = end
    }
}
