import ManagementClient

/// What became of the fleet lately, asked for while somebody looks.
struct EventList: Equatable, Sendable {
    enum Content: Equatable, Sendable {
        case unknown
        /// The balancer keeps none, or they couldn't be had.
        case none
        /// The newest first.
        case events([EventsDocument.Event])
    }

    private(set) var content = Content.unknown
    private var askedAt: Duration?

    private static let interval: Duration = .seconds(3)

    /// - Returns: whether they are to be asked for, which isn't done again for some seconds.
    mutating func wantLoading(at now: Duration) -> Bool {
        if let askedAt, now - askedAt < Self.interval { return false }
        askedAt = now
        return true
    }

    /// - Parameter document: nil: there is none.
    mutating func load(_ document: EventsDocument?) {
        content = document.map { .events($0.events) } ?? .none
    }
}
