/// The fleet, the queue and the counters at one moment: a copy, for those who look on.
public struct FleetSnapshot: Equatable, Sendable {
    public package(set) var taken: Instant
    /// In no particular order.
    public package(set) var upstreams: [UpstreamSnapshot]
    /// Those that went without a word and of which nothing is left, in no particular order.
    public package(set) var lost: [LostUpstream]
    /// All that went without a word.
    public package(set) var lostCount: Int
    public package(set) var summary: FleetSummary
    public package(set) var queued: Int
    public package(set) var maximumQueued: Int
    /// How long the request at the head of the queue has waited; nil when none waits.
    public package(set) var oldestWait: Duration?
    public package(set) var leased: Int
    public package(set) var cooling: Int
    public package(set) var counters: SchedulerCounters
    /// By name, as many as ``maximumModels`` at most, those that came first; none while the fleet serves one model.
    public package(set) var models: [ModelSnapshot]

    /// More would keep the scheduler from its work, and nobody could read them.
    public static let maximumModels = 200

    /// The upstream that would get the next request comes first, the unusable come last.
    ///
    /// Sorts; to be called outside any lock.
    public var upstreamsInBalancingOrder: [UpstreamSnapshot] {
        upstreams.sorted { $0.rank < $1.rank }
    }
}
