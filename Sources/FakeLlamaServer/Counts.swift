/// What the server saw, as `GET /fake/counts` tells it. "Requests" are those on the slots' endpoints.
struct Counts: Codable, Sendable {
    var requestsReceived = 0
    /// Got a slot.
    var requestsStarted = 0
    var requestsCompleted = 0
    /// The client went away before the end.
    var requestsCancelled = 0
    /// Ended by a fault.
    var requestsFaulted = 0
    /// How often a standing fault struck, on whatever path.
    var faultsStruck = 0

    var deferredNow = 0
    var deferredMax = 0
    var runningNow = 0
    var runningMax = 0

    var connectionsAccepted = 0
    var connectionsOpen = 0
    /// Of all kinds, on one connection.
    var requestsPerConnectionMax = 0

    var healthPolls = 0
    var slotsPolls = 0
    var propsPolls = 0
    var otherRequests = 0
    /// Not HTTP, by llhttp's measure.
    var badRequests = 0
    /// Sent before the answer to the one before was complete.
    var pipelinedRequests = 0

    /// For how long slots stood idle between two requests, in microseconds; nil: none did.
    var turnaroundMedian: Int?
    var turnaroundP99: Int?

    enum CodingKeys: String, CodingKey {
        case requestsReceived = "requests_received"
        case requestsStarted = "requests_started"
        case requestsCompleted = "requests_completed"
        case requestsCancelled = "requests_cancelled"
        case requestsFaulted = "requests_faulted"
        case faultsStruck = "faults_struck"
        case deferredNow = "deferred_now"
        case deferredMax = "deferred_max"
        case runningNow = "running_now"
        case runningMax = "running_max"
        case connectionsAccepted = "connections_accepted"
        case connectionsOpen = "connections_open"
        case requestsPerConnectionMax = "requests_per_connection_max"
        case healthPolls = "health_polls"
        case slotsPolls = "slots_polls"
        case propsPolls = "props_polls"
        case otherRequests = "other_requests"
        case badRequests = "bad_requests"
        case pipelinedRequests = "pipelined_requests"
        case turnaroundMedian = "turnaround_p50_us"
        case turnaroundP99 = "turnaround_p99_us"
    }

    /// Zero, but for what is so now.
    mutating func reset() {
        var fresh = Counts()
        fresh.deferredNow = deferredNow
        fresh.deferredMax = deferredNow
        fresh.runningNow = runningNow
        fresh.runningMax = runningNow
        fresh.connectionsOpen = connectionsOpen
        self = fresh
    }
}
