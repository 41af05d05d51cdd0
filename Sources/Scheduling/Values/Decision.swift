/// Something that the shell has to carry out.
public enum Decision: Equatable, Sendable {
    /// A queued request gets its slot; `lease.request` says which.
    case dispatch(Lease)
    /// A request that waited for a server and needs no slot goes there.
    case send(RequestID, UpstreamID, UpstreamRoute)
    /// A queued request is over.
    case reject(RequestID, Rejection)
    /// One slot of a request whose client had left, or whose answer took too long, counts as busy no longer: once for each
    /// slot that its ``Outcome`` had left so.
    case cooled(RequestID)
    /// Ask this agent for a fresh slot sample.
    case poll(AgentID)
    /// Tell this agent what is wished of it; said again until it has followed or refused.
    ///
    /// - Parameter isOrder: an operator wants it.
    case wish(ModelWish, isOrder: Bool, AgentID)
    /// Tell this agent, which is about to stop or to unload its model, that nothing is running on its upstream any more.
    case drained(AgentID)
}

/// What the shell has to carry out, in this order. None or one allocate nothing.
public struct Decisions: Sequence, Sendable {
    private var first: Decision?
    private var rest: [Decision] = []

    init() {}

    public var isEmpty: Bool { first == nil }

    public var count: Int { first == nil ? 0 : 1 + rest.count }

    public func makeIterator() -> Iterator {
        Iterator(first: first, rest: rest)
    }

    mutating func append(_ decision: Decision) {
        if first == nil {
            first = decision
        } else {
            rest.append(decision)
        }
    }

    public struct Iterator: IteratorProtocol, Sendable {
        private var first: Decision?
        private let rest: [Decision]
        private var position = 0

        init(first: Decision?, rest: [Decision]) {
            self.first = first
            self.rest = rest
        }

        public mutating func next() -> Decision? {
            if let decision = first {
                first = nil
                return decision
            }
            guard position < rest.count else { return nil }
            defer { position += 1 }
            return rest[position]
        }
    }
}
