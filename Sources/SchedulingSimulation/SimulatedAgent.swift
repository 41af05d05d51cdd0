import Scheduling

/// An agent process, and the server that it watches.
struct SimulatedAgent {
    var id: AgentID
    var server: Int
    /// Its connection to the balancer stands.
    var isConnected = true
    /// It is about to stop, and every report says so.
    var isLeaving = false
}

/// A report on its way. The network delivers in any order, twice, or not at all.
struct Mail {
    var report: UpstreamReport
    var server: Int
}
