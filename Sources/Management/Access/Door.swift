import AccessControl
import Scheduling
import Synchronization
import TransportSecurity

/// The lock of the management listener: tokens, the sessions of browsers that have shown one, and certificates. Any thread may
/// ask.
final class Door: Sendable {
    private let keys: KeyRing
    private let readingKeys: KeyRing
    /// nil: clients are asked for none.
    private let certificates: ListenerCertificates?
    private let clock: @Sendable () -> Instant
    private let sessions = Mutex(Sessions())

    /// - Parameters:
    ///   - keys: who shows one may do everything.
    ///   - readingKeys: who shows one may read.
    ///   - certificates: of the listener. Who shows one that its authorities for clients vouch for may do everything.
    init(
        keys: KeyRing,
        readingKeys: KeyRing = .open,
        certificates: ListenerCertificates? = nil,
        clock: @escaping @Sendable () -> Instant
    ) {
        self.keys = keys
        self.readingKeys = readingKeys
        self.certificates = certificates?.asksClients == true ? certificates : nil
        self.clock = clock
    }

    /// An open door has no tokens for reading: what could they keep from anybody?
    var isClosed: Bool { keys.isClosed || takesCertificates }

    var takesCertificates: Bool { certificates != nil }

    /// Whether tokens let anybody in, so that people with a browser have something to show.
    var hasTokens: Bool { keys.isClosed || takesCertificates && readingKeys.isClosed }

    /// What somebody may do who shows nothing.
    ///
    /// - Returns: nil: nothing.
    var permissionOfAnybody: Permission? {
        guard isClosed else { return .everything }
        // Certificates say who may change something; only a token says that reading isn't for everybody.
        return hasTokens ? nil : .reading
    }

    /// - Returns: nil: it lets nobody in, or not any more.
    func permission(of credential: Credential) -> Permission? {
        switch credential {
        case .token(let token):
            if keys.isClosed, keys.admits(token.span) { return .everything }
            return isClosed && readingKeys.isClosed && readingKeys.admits(token.span) ? .reading : nil
        case .session(let id):
            let now = clock()
            guard let token = sessions.withLock({ $0.token(of: id, at: now) }) else { return nil }
            return permission(of: .token(token))
        case .certificate(let certificate):
            return certificates?.takes(certificate) == true ? .everything : nil
        }
    }

    /// How an agent has gone whose connection broke: by itself, or because what it had shown lets nobody in any more.
    func departure(of caller: Caller) -> Departure {
        guard let credential = caller.credential, permission(of: credential) == nil else { return .connectionEnded }
        switch credential {
        case .token, .session: return .tokenWithdrawn
        case .certificate: return .certificateWithdrawn
        }
    }

    /// - Returns: the new session's id, or nil if the token opens nothing.
    func openSession(token: String) -> String? {
        let token = Array(token.utf8)
        guard permission(of: .token(token)) != nil else { return nil }
        let id = Self.randomID()
        let now = clock()
        sessions.withLock { $0.open(id, token: token, at: now) }
        return id
    }

    func closeSession(_ id: String) {
        sessions.withLock { $0.close(id) }
    }

    /// 128 bits from the system, in hexadecimal digits; twice that, since it costs nothing.
    static func randomID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4)
            .map { _ in
                let digits = String(generator.next() as UInt64, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }
            .joined()
    }
}
