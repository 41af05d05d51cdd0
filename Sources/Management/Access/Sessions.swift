import Scheduling

/// Browsers that have shown a token: for each a random id, which is all that its cookie holds.
struct Sessions {
    /// Beyond it, the one that would end first ends.
    static let limit = 1024
    static let lifetime: Duration = .seconds(12 * 3600)

    private struct Session {
        /// With which it was opened: when it opens nothing any more, neither does the session.
        let token: [UInt8]
        let end: Instant
    }

    private var sessions: [String: Session] = [:]

    var count: Int { sessions.count }

    mutating func open(_ id: String, token: [UInt8], at now: Instant) {
        sessions = sessions.filter { now < $0.value.end }
        if sessions.count >= Self.limit, let oldest = sessions.min(by: { $0.value.end < $1.value.end }) {
            sessions[oldest.key] = nil
        }
        sessions[id] = Session(token: token, end: now + Self.lifetime)
    }

    /// - Returns: the token with which this session was opened; nil if there is none, or none any more.
    func token(of id: String, at now: Instant) -> [UInt8]? {
        guard let session = sessions[id], now < session.end else { return nil }
        return session.token
    }

    mutating func close(_ id: String) {
        sessions[id] = nil
    }
}

extension Sessions: CustomReflectable {
    /// Without the tokens, whoever reflects upon it.
    var customMirror: Mirror { Mirror(self, children: ["count": sessions.count]) }
}
