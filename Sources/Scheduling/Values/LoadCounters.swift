/// How often models were loaded and unloaded, how long it took, and how long requests waited for it, since the start.
public struct LoadCounters: Equatable, Sendable {
    /// As far as was heard of them, whoever wished them.
    public package(set) var loaded = 0
    /// What those took, from the first word of loading until they were ready.
    public package(set) var loadTime = Duration.zero
    public package(set) var failed = 0
    /// Loads that were ended before the model was there: nobody waited for it any more, others got its room, or an operator wanted it so.
    public package(set) var givenUp = 0
    /// What was unloaded since requests for another one waited, and nobody used it.
    public package(set) var unloadedForRoom = 0
    /// What was unloaded since requests for another one had waited long enough.
    public package(set) var unloadedInTurn = 0
    /// What was unloaded since an operator, or a client that may, wanted it so.
    public package(set) var unloadedByWish = 0
    /// What its host unloaded: unused for its time to live, or wished by another balancer.
    public package(set) var unloadedByHost = 0
    /// Requests that began to wait while no server had their model, and got a slot.
    public package(set) var waits = 0
    /// What those waited until then.
    public package(set) var waited = Duration.zero

    mutating func count(_ change: Placement.Change) {
        switch change {
        case .loaded(let time):
            loaded += 1
            loadTime += time
        case .failed: failed += 1
        case .unloaded(.room): unloadedForRoom += 1
        case .unloaded(.turn): unloadedInTurn += 1
        case .givenUp: givenUp += 1
        case .unloaded(.asked): unloadedByWish += 1
        case .unloaded(nil), .unloaded(.awaited), .unloaded(.abandoned): unloadedByHost += 1
        }
    }

    mutating func countWait(_ time: Duration) {
        waits += 1
        waited += time
    }
}
