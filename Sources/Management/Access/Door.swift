import AccessControl
import Scheduling
import Synchronization

/// The lock of the management listener: tokens, and the sessions of browsers that have shown one. Any thread may ask.
final class Door: Sendable {
    private let keys: KeyRing
    private let clock: @Sendable () -> Instant
    private let sessions = Mutex(Sessions())

    init(keys: KeyRing, clock: @escaping @Sendable () -> Instant) {
        self.keys = keys
        self.clock = clock
    }

    var isClosed: Bool { keys.isClosed }

    func admits(token: String) -> Bool {
        keys.admits(Array(token.utf8).span)
    }

    /// - Parameter id: nil: there is no session.
    func admits(session id: String?) -> Bool {
        guard let id else { return false }
        let now = clock()
        guard let token = sessions.withLock({ $0.token(of: id, at: now) }) else { return false }
        return keys.admits(token.span)
    }

    /// - Returns: the new session's id, or nil if the token opens nothing.
    func openSession(token: String) -> String? {
        guard admits(token: token) else { return nil }
        let id = Self.randomID()
        let now = clock()
        sessions.withLock { $0.open(id, token: Array(token.utf8), at: now) }
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
