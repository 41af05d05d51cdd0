/// Which upstream gets the next request.
public enum Balance: String, Sendable, CaseIterable {
    /// The one that has most of the request's prompt in its caches; where that is the same, as ``leastBusy``. A slot that
    /// becomes free goes to a request in the queue whose prompt lies there, as long as nobody waits unfairly.
    case cacheAware = "cache-aware"
    /// The one that had the last request of the same session; for a request that names none, as ``cacheAware``.
    case session
    /// The one with the smallest share of its slots in use; of equals, the one with more idle slots. A llama-server computes
    /// its busy slots together, so that each is slower the more of them there are. One that is worth *n* others, by its
    /// agent's weight and its speed, counts as idle while it works on fewer than *n* requests, and its share by that much less.
    case leastBusy = "least-busy"
    /// The one with most idle slots, times its agent's weight; of equals, the one with fewer in use. Its speed doesn't count.
    case mostIdle = "most-idle"

    /// Whether it matters what lies in servers' caches.
    public var followsPrompts: Bool {
        switch self {
        case .cacheAware, .session: true
        case .leastBusy, .mostIdle: false
        }
    }
}
