internal import NIOSSL
package import PrintableText

extension TLSProblem {
    /// - Returns: nil when the error is not about TLS.
    package init?(_ error: any Error) {
        guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else { return nil }
        let text = "\(error)".replacing("\n", with: " ")
        // NIOSSL keeps BoringSSL's reasons to itself, but for its description.
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            self = .noTLS
        } else if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("failedToValidateHostname") {
            self = .distrust
        } else if let reason = Self.refusal(text) {
            self = .refused(reason)
        } else {
            self = .other(text)
        }
    }

    /// Alerts of RFC 8446 6.2, by BoringSSL's names.
    private static func refusal(_ text: String) -> String? {
        let reasons = [
            ("ALERT_CERTIFICATE_EXPIRED", "it has expired"),
            ("ALERT_CERTIFICATE_REVOKED", "it was revoked"),
            ("ALERT_UNKNOWN_CA", "it doesn't know the authority that made it"),
            ("ALERT_UNSUPPORTED_CERTIFICATE", "it is not for this use"),
            ("ALERT_BAD_CERTIFICATE", "it makes nothing of it"),
            ("ALERT_CERTIFICATE_UNKNOWN", "it doesn't trust it"),
        ]
        if let reason = reasons.first(where: { text.contains($0.0) })?.1 {
            return "the other side refuses the certificate of this one: \(reason)"
        }
        return text.contains("ALERT_CERTIFICATE_REQUIRED") ? "the other side wants a certificate of this one" : nil
    }
}
