// Requests that take several slots of one upstream: they wait until so many are idle there at one time.

extension Scheduler {
    /// Idle slots of an upstream that are kept for the first request of a pool that takes several.
    struct Keeping: Equatable {
        var request: Int
        var upstream: Int
    }

    /// Where a request that takes several slots finds them idle: of several upstreams that have most of its prompt the first
    /// in the order of picking. An upstream that never has so many counts only if none has. O(upstreams of the pool).
    func wideUpstream(
        for demand: RequestDemand,
        in pool: Int,
        avoiding avoided: Int? = nil,
        for request: Int? = nil
    ) -> Int? {
        var best: (upstream: Int, bytes: Int, rank: UpstreamRank)?
        let needed = mostSlots(of: demand, in: pool, avoiding: avoided)
        for upstream in fleet.pools[pool].usable {
            guard isFree(upstream, for: request), fleet[upstream].total >= needed,
                fleet[upstream].idle >= needed,
                upstream != avoided || fleet.pools[pool].count == 1
            else { continue }
            let bytes =
                limits.balance.followsPrompts ? demand.trail.map { prefixes.found($0, at: upstream).bytes } ?? 0 : 0
            let rank = fleet.pools[pool].rank(upstream, fleet[upstream])
            if let best, bytes < best.bytes + Self.sameBytes, rank > best.rank || bytes + Self.sameBytes <= best.bytes {
                continue
            }
            best = (upstream, bytes, rank)
        }
        return best?.upstream
    }

    /// Whether its idle slots are kept for nobody who comes before, and nobody is held for it who does.
    ///
    /// - Parameter request: nil: a new one, which comes last.
    func isFree(_ upstream: Int, for request: Int?) -> Bool {
        if let held = firstHeld(for: upstream), request.map({ comes(held, before: $0) }) ?? true {
            return false
        }
        guard fleet[upstream].isKept, let keeping = poolOfKeeping(at: upstream).flatMap({ keepings[$0] }) else {
            return true
        }
        return request.map { !comes(keeping.request, before: $0) } ?? false
    }

    /// As many as it takes where it finds the most; without a server all that it wants. O(upstreams of the pool).
    func mostSlots(of demand: RequestDemand, in pool: Int, avoiding avoided: Int? = nil) -> Int {
        let most = mostSlots(in: pool, avoiding: avoided)
        return most > 0 ? demand.slots(of: most) : demand.slots
    }

    private func mostSlots(in pool: Int, avoiding avoided: Int?) -> Int {
        let isAlone = fleet.pools[pool].count == 1
        var most = 0
        for upstream in fleet.pools[pool].usable where upstream != avoided || isAlone {
            most = max(most, fleet[upstream].total)
        }
        return most
    }

    /// How many slots a request takes there.
    @inline(__always)
    func slots(of request: Int, at upstream: Int) -> Int {
        slots(of: ledger[request].demand, at: upstream)
    }

    @inline(__always)
    func slots(of demand: RequestDemand, at upstream: Int) -> Int {
        demand.slots(of: fleet[upstream].total)
    }

    /// The first in a pool that takes several slots, if so many are idle somewhere.
    func nextMatchOfSeveral(in pool: Int) -> Match? {
        guard let first = queue.firstWide(in: pool) else { return nil }
        let upstream = wideUpstream(
            for: ledger[first].demand,
            in: pool,
            avoiding: avoided(by: first),
            for: first
        )
        return upstream.map { (first, $0, first) }
    }

    // MARK: - Keeping slots

    /// Slots that are kept for nobody any more, or where they are of no use, are offered to all again.
    mutating func endKeeping() {
        guard !keepings.isEmpty else { return }
        // In an order that is the same in each process.
        for (pool, keeping) in keepings.sorted(by: { $0.key < $1.key })
        where !isOfUse(keeping, in: pool) || isBetterElsewhere(keeping, in: pool) {
            endKeeping(in: pool)
        }
    }

    /// Whether nothing is idle where slots are kept, and something is at another one that would do.
    private func isBetterElsewhere(_ keeping: Keeping, in pool: Int) -> Bool {
        guard fleet[keeping.upstream].idle <= 0, let other = fleet.pools[pool].best else { return false }
        return isOfUse(other, for: keeping.request, in: pool, needed: needed(by: keeping.request, in: pool))
    }

    /// Whoever takes several slots and comes first gets them sooner or later: those that become idle on one upstream are kept
    /// until they are enough. Those behind it have the other upstreams.
    mutating func keepSlots() {
        for pool in queue.poolsOfWide { keepSlots(in: pool) }
    }

    private mutating func keepSlots(in pool: Int) {
        guard keepings[pool] == nil, let first = firstInTurn(of: pool),
            let upstream = mostIdle(for: first, in: pool)
        else { return }
        endKeeping(at: upstream)
        keepings[pool] = Keeping(request: first, upstream: upstream)
        fleet.setKept(true, upstream)
    }

    mutating func endKeeping(at upstream: Int) {
        guard fleet[upstream].isKept, let pool = poolOfKeeping(at: upstream) else { return }
        endKeeping(in: pool)
    }

    private func poolOfKeeping(at upstream: Int) -> Int? {
        keepings.first { $0.value.upstream == upstream }?.key
    }

    mutating func endKeeping(in pool: Int) {
        guard let keeping = keepings.removeValue(forKey: pool) else { return }
        fleet.setKept(false, keeping.upstream)
    }

    private func isOfUse(_ keeping: Keeping, in pool: Int) -> Bool {
        let needed = needed(by: keeping.request, in: pool)
        return firstInTurn(of: pool) == keeping.request
            && isOfUse(keeping.upstream, for: keeping.request, in: pool, needed: needed)
    }

    private func needed(by request: Int, in pool: Int) -> Int {
        mostSlots(of: ledger[request].demand, in: pool, avoiding: avoided(by: request))
    }

    private func isOfUse(_ upstream: Int, for request: Int, in pool: Int, needed: Int) -> Bool {
        fleet[upstream].isUsable && fleet.pools.isMember(upstream, of: pool) && fleet[upstream].total >= needed
            && (avoided(by: request) != upstream || fleet.pools[pool].count == 1)
            // Nothing is kept from those of other models that came before.
            && fleet.pools.pools(of: upstream).allSatisfy { other in
                queue.first(in: other).map { comes(request, before: $0.request) } ?? true
            }
    }

    /// Who takes several slots and came before all that wait for one.
    private func firstInTurn(of pool: Int) -> Int? {
        guard let first = queue.firstWide(in: pool) else { return nil }
        return queue.first(in: pool).map { comes(first, before: $0.request) } ?? true ? first : nil
    }

    /// Where it misses the fewest.
    private func mostIdle(for request: Int, in pool: Int) -> Int? {
        var best: (upstream: Int, idle: Int)?
        let needed = needed(by: request, in: pool)
        for upstream in fleet.pools[pool].usable {
            guard isFree(upstream, for: request),
                isOfUse(upstream, for: request, in: pool, needed: needed)
            else { continue }
            let idle = fleet[upstream].idle
            if let best, idle < best.idle || idle == best.idle && upstream > best.upstream { continue }
            best = (upstream, idle)
        }
        return best?.upstream
    }
}

extension Scheduler {
    /// Whether the idle slots there wait for a request that takes several.
    package func isKept(_ upstream: UpstreamID) -> Bool {
        fleet.index(of: upstream).map { fleet[$0].isKept } ?? false
    }

    func checkKeeping(_ found: inout [String]) {
        let kept = fleet.upstreams.indices.filter { fleet[$0].isKept }
        if Set(kept) != Set(keepings.values.map(\.upstream)) || kept.count != keepings.count {
            found.append("slots of \(kept) are kept, and \(keepings) are noted")
        }
        // Else it is put right as soon as something can be given away.
        guard !mustLookAgain else { return }
        for (pool, keeping) in keepings where firstInTurn(of: pool) != keeping.request {
            found.append("slots are kept for \(keeping.request) of pool \(pool), which isn't the first that waits")
        }
        for (pool, keeping) in keepings where !isOfUse(keeping, in: pool) {
            found.append("slots of \(keeping.upstream) are kept for \(keeping.request) of pool \(pool), in vain")
        }
        for pool in Set(ledger.indices.filter { ledger[$0].isQueued }.map { ledger[$0].pool }) {
            if let match = nextMatchOfSeveral(in: pool) {
                found.append("request \(match.request) waits although upstream \(match.upstream) has enough for it")
            }
            guard keepings[pool] == nil, let first = firstInTurn(of: pool) else { continue }
            if mostIdle(for: first, in: pool) != nil { found.append("nothing is kept for request \(first)") }
        }
    }
}
