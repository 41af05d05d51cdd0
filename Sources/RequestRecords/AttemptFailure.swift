/// Why an attempt to have a request answered by an upstream came to nothing. Words as in `paddler_attempts_failed_total`.
public enum AttemptFailure: String, Sendable, CaseIterable {
    /// No connection, or none that its upstream has read the request from.
    case noConnection = "connect"
    /// The balancer had no descriptor, or no port, left.
    case noMeans = "no_means"
    /// It was answered 503: the upstream loads its model.
    case unavailable
    /// It was answered 503 for another reason.
    case refused
    /// The connection ended before the first byte of an answer.
    case brokenOff = "broken_off"
    /// The same, and the upstream was gone.
    case serverDied = "server_died"
    /// It was answered 400: the prompt is longer than there is room for.
    case noRoom = "no_room"

    /// What the upstream answered; nil: nothing.
    public var status: Int? {
        switch self {
        case .unavailable, .refused: 503
        case .noRoom: 400
        case .noConnection, .noMeans, .brokenOff, .serverDied: nil
        }
    }
}
