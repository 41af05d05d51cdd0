/// How a client's TLS handshake ended.
public enum TLSHandshakeResult: String, CaseIterable, Sendable {
    case completed
    /// For example since the client doesn't trust the certificate.
    case failed
    case timedOut = "timed_out"
    /// A request came without TLS.
    case plainRequest = "plain_request"
}
