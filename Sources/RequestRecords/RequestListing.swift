import Scheduling

/// The requests that are under way and the last ones that ended, of all event loops.
public struct RequestListing: Sendable {
    /// How many requests are under way, listed or not.
    public private(set) var runningTotal = 0
    /// The last to come first, ``mostRunning`` of each event loop at most.
    public private(set) var running: [RequestRecord] = []
    /// The last to end first, ``RecentRequests/most`` of them at most.
    public private(set) var ended: [RequestRecord] = []

    /// So that nobody waits for a listing of very many.
    public static let mostRunning = 1000

    public init() {}

    /// Adds what one event loop has.
    public mutating func add(running: [RequestRecord], of total: Int, ended: [RequestRecord]) {
        runningTotal += total
        self.running += running
        self.ended += ended
    }

    /// Brings what was added in order.
    public mutating func sort() {
        running.sort { $0.arrived > $1.arrived }
        ended.sort { $0.end > $1.end }
        ended.removeLast(max(0, ended.count - RecentRequests.most))
    }
}

extension RequestRecord {
    fileprivate var end: Int64 { ended?.nanoseconds ?? 0 }
}
