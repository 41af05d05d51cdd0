/// What is counted of all agents together. On their event loop.
final class CrowdTally {
    struct Counts: Equatable, Encodable {
        /// Agents that are connected and welcome.
        var connected = 0
        /// Connections that were begun.
        var attempts = 0
        /// Of these: there was none.
        var unreachable = 0
        /// The balancer said no.
        var declined = 0
        /// There was one, and it ended before the balancer had said anything, or said nothing in time.
        var silent = 0
        /// Connections that ended after a welcome.
        var lost = 0
    }

    var counts = Counts()
}
