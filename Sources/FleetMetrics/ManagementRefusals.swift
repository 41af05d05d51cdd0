import Synchronization

/// Counts what the management listener refuses. Any thread may call it.
public final class ManagementRefusals: Sendable {
    public enum Reason: String, CaseIterable, Sendable {
        /// A wrong token.
        case token
        /// A wrong token on the login page.
        case login
        /// An agent without any token or certificate.
        case agent
        /// A certificate that nobody vouches for, or that has expired.
        case certificate
        /// A page of another site, or a name that isn't the listener's.
        case page
        /// A connection that was closed to make room for another one, or for which there was none.
        case connection
    }

    private let numbers = Mutex<[Reason: Int]>([:])

    public init() {}

    public func count(_ reason: Reason) {
        numbers.withLock { $0[reason, default: 0] += 1 }
    }

    /// Since the start.
    public var counts: [Reason: Int] { numbers.withLock { $0 } }
}
