import AccessControl
import Scheduling
import Synchronization

/// The lock of the management listener: tokens, and the sessions of browsers that have shown one. Any thread may ask.
final class Door: Sendable {
    private let keys: KeyRing
    private let readingKeys: KeyRing
    private let clock: @Sendable () -> Instant
    private let sessions = Mutex(Sessions())

    /// - Parameters:
    ///   - keys: who shows one may do everything.
    ///   - readingKeys: who shows one may read.
    init(keys: KeyRing, readingKeys: KeyRing = .open, clock: @escaping @Sendable () -> Instant) {
        self.keys = keys
        self.readingKeys = readingKeys
        self.clock = clock
    }

    /// An open door has no tokens for reading: what could they keep from anybody?
    var isClosed: Bool { keys.isClosed }

    /// - Returns: nil: it lets nobody in, or not any more.
    func permission(of credential: Credential) -> Permission? {
        switch credential {
        case .token(let token):
            if keys.admits(token.span) { return .everything }
            return readingKeys.isClosed && readingKeys.admits(token.span) ? .reading : nil
        case .session(let id):
            let now = clock()
            guard let token = sessions.withLock({ $0.token(of: id, at: now) }) else { return nil }
            return permission(of: .token(token))
        }
    }

    /// Whether somebody who was let in would be let in again.
    func wouldAdmitAgain(_ caller: Caller) -> Bool {
        guard let credential = caller.credential else { return true }
        return permission(of: credential) != nil
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
