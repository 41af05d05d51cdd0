public import Scheduling

/// A request's stay with one upstream.
public struct RequestAttempt: Sendable {
    public let route: UpstreamRoute
    /// What people call that upstream.
    public let upstreamName: String?
    /// Why it was that one; nil: nobody knows.
    public let choice: Choice?
    /// When the request was given to it.
    public let start: Instant
    /// What its model is called there; nil: as the request calls it, or nobody knows.
    public var model: String?
    /// Since when a connection was being opened; nil: there was one.
    public internal(set) var connecting: Instant?
    /// When the request was sent.
    public internal(set) var sent: Instant?
    /// nil: it goes on.
    public internal(set) var end: Instant?
    /// nil: it was answered, or ended with the request.
    public internal(set) var failure: AttemptFailure?
    /// The same for people, where more is known than the kind.
    public internal(set) var explanation: String?

    init(_ route: UpstreamRoute, named name: String?, because choice: Choice?, at start: Instant) {
        self.route = route
        upstreamName = name
        self.choice = choice
        self.start = start
    }
}
