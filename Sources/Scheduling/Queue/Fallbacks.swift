/// Requests that wait for one model of several, and when each tries the next.
struct Fallbacks: Sendable {
    private var times = IndexedHeap<Instant>()
    /// By pool: whether it had a usable server when it was last looked at; nil: nobody has looked since somebody waits.
    private var hadServer: [Bool?] = []
    /// Somebody has come to a pool without one, or what is remembered may be of other pools.
    private var isStale = false

    var isEmpty: Bool { times.isEmpty }

    /// Who tries the next one first; nil: nobody ever does, unless a pool loses its last server.
    var next: (request: Int, instant: Instant)? {
        times.first.flatMap { $0.key == .max ? nil : (Int($0.item), $0.key) }
    }

    /// In no order.
    var requests: some Sequence<Int> { times.items }

    func contains(_ request: Int) -> Bool { times.contains(request) }

    func time(of request: Int) -> Instant? { times.key(of: request) }

    /// - Parameters:
    ///   - time: nil: never.
    ///   - hasServer: whether there is a usable one of the model that it waits for.
    mutating func insert(_ request: Int, at time: Instant?, hasServer: Bool) {
        // What became of servers while nobody waited was not looked at.
        if times.isEmpty { hadServer.removeAll(keepingCapacity: true) }
        times.set(request, to: time ?? .max)
        if !hasServer { isStale = true }
    }

    mutating func remove(_ request: Int) {
        times.remove(request)
    }

    /// Pools may have come and gone.
    mutating func modelsChanged() {
        isStale = true
        hadServer.removeAll(keepingCapacity: true)
    }

    /// Whether somebody may have to go on because of what has become of servers since this was last asked.
    ///
    /// - Parameter pools: in which something may have changed, each with whether it has a usable server.
    mutating func mayHaveToMove(_ pools: some Sequence<(pool: Int, hasServer: Bool)>) -> Bool {
        var mayHaveTo = isStale
        isStale = false
        for (pool, hasServer) in pools {
            while hadServer.count <= pool { hadServer.append(nil) }
            guard hadServer[pool] != hasServer else { continue }
            hadServer[pool] = hasServer
            mayHaveTo = true
        }
        return mayHaveTo
    }

    func violations() -> [String] { times.violations(name: "times of fallbacks") }
}

extension Instant {
    fileprivate static var max: Instant { Instant(nanoseconds: .max) }
}
