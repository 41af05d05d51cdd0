internal import NIOSSL

/// Why there is no secure connection.
package enum TLSProblem: CustomStringConvertible {
    /// Nobody who is trusted vouches for the certificate, or it is another machine's.
    case distrust
    case noTLS
    case other(String)

    /// - Returns: nil when the error is not about TLS.
    package init?(_ error: any Error) {
        guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else { return nil }
        let text = "\(error)".replacing("\n", with: " ")
        // NIOSSL keeps BoringSSL's reasons to itself, but for its description.
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            self = .noTLS
        } else if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("failedToValidateHostname") {
            self = .distrust
        } else {
            self = .other(text)
        }
    }

    package var description: String {
        switch self {
        case .distrust: "its certificate is not to be trusted"
        case .noTLS: "the other side speaks no TLS"
        case .other(let text): text
        }
    }
}
