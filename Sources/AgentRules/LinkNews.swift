/// What there is to say to one balancer: always the latest, never a queue.
package struct LinkNews: Sendable {
    package var status: ServerStatus?
    /// Reports say that the agent is about to stop.
    package var isDraining = false
    /// There is only goodbye to say.
    package var isLeaving = false

    package enum Saying {
        case nothing
        /// - Parameter isLeaving: whether the agent is about to stop, and nothing more is to be sent to its llama-server.
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
