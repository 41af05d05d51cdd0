/// What the balancer keeps a list of, asked for while somebody looks.
struct Listing<Document: Equatable & Sendable>: Equatable, Sendable {
    enum Content: Equatable, Sendable {
        case unknown
        /// The balancer keeps none, or it couldn't be had.
        case none
        case some(Document)
    }

    private(set) var content = Content.unknown
    private var askedAt: Duration?

    private static var interval: Duration { .seconds(3) }

    /// - Returns: whether it is to be asked for, which isn't done again for some seconds.
    mutating func wantLoading(at now: Duration) -> Bool {
        if let askedAt, now - askedAt < Self.interval { return false }
        askedAt = now
        return true
    }

    /// - Parameter document: nil: there is none.
    mutating func load(_ document: Document?) {
        content = document.map { .some($0) } ?? .none
    }
}
