/// Why there is no secure connection.
package enum TLSProblem: Hashable, Sendable {
    /// Nobody who is trusted vouches for the certificate, or it is another machine's.
    case distrust
    case noTLS
    /// The other side doesn't take our certificate, or wants one; in its words.
    case refused(String)
    case other(String)
}

extension TLSProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .distrust: "its certificate is not to be trusted"
        case .noTLS: "the other side speaks no TLS"
        case .refused(let reason): reason
        case .other(let text): text
        }
    }
}
