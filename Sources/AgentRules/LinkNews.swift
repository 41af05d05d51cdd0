/// What there is to say to one balancer: always the latest, never a queue.
package struct LinkNews: Sendable {
    package var status: ServerStatus?
    /// How many leases other balancers have; nil: this one isn't told.
    package var others: Int?
    /// While there is one, reports say that nothing more is to be sent.
    package var withdrawal = Withdrawal.none

    package var isDraining: Bool { withdrawal != .none }
    package var isLeaving: Bool { withdrawal == .goodbye }

    package enum Saying {
        case nothing
        /// - Parameter isLeaving: whether nothing more is to be sent to the llama-server.
        case status(ServerStatus, isLeaving: Bool)
        /// - Parameter latest: what there would have been to say.
        case goodbye(latest: ServerStatus?)
    }

    package init() {}

    /// The latest, to be said now.
    package var saying: Saying {
        if isLeaving { return .goodbye(latest: status) }
        return status.map { .status($0, isLeaving: isDraining) } ?? .nothing
    }
}
