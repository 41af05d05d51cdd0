import TransportSecurity

/// With what somebody was let in, to be asked about again while the connection lasts.
enum Credential: Hashable, Sendable {
    case token([UInt8])
    /// Its id.
    case session(String)
    /// Shown when the connection was opened.
    case certificate(ClientCertificate)
}

/// What somebody may do who was let in.
enum Permission: Equatable, Sendable {
    case everything
    /// Nothing that changes or registers anything.
    case reading
}

/// Who was let in.
struct Caller: Sendable {
    /// nil: nobody is asked for any, or what was asked for needs none.
    var credential: Credential?
    var permission = Permission.everything

    /// For log lines; without the secret.
    var description: String {
        let kind =
            switch credential {
            case nil: "anybody"
            case .token: "token"
            case .session: "session"
            case .certificate(let certificate): "certificate of \(certificate.shownNames)"
            }
        return permission == .reading ? "\(kind), reading only" : kind
    }
}

extension Credential: CustomReflectable {
    /// Without the secret, whoever reflects upon it.
    var customMirror: Mirror { Mirror(self, children: []) }
}
