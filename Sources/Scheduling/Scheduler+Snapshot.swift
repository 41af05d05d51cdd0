public import LlamaServer

extension Scheduler {
    /// A copy for those who look on; O(upstreams).
    public func snapshot(at now: Instant) -> FleetSnapshot {
        var copy = snapshot(
            fleet.upstreams.indices.filter(fleet.isKnown).map { snapshot(of: $0, at: now) },
            at: now
        )
        copy.models.sort(by: ModelSnapshot.precedes)
        return copy
    }

    /// Those of a snapshot's numbers that cost nothing; O(1).
    public func totals() -> FleetTotals {
        FleetTotals(summary: summary, lost: lost.count, queued: queuedCount)
    }

    /// What has changed since the last call, or a part of it, for a ``FleetCopy``; O(limit). There can be one copy alone.
    public mutating func takeChanges(atMost limit: Int = FleetCopy.part, at now: Instant) -> FleetChanges {
        var upstreams: [(index: Int, upstream: UpstreamSnapshot?)] = []
        upstreams.reserveCapacity(min(limit, fleet.changedCount))
        while upstreams.count < limit, let index = fleet.takeChanged() {
            upstreams.append((index, fleet.isKnown(index) ? snapshot(of: index, at: now) : nil))
        }
        return FleetChanges(upstreams: upstreams, rest: snapshot([], at: now), left: fleet.changedCount)
    }

    /// The models are in no order: whoever copies them sorts them outside any lock.
    private func snapshot(_ upstreams: [UpstreamSnapshot], at now: Instant) -> FleetSnapshot {
        FleetSnapshot(
            taken: now,
            upstreams: upstreams,
            lost: lost.all { identity in
                guard fleet.index(at: identity) == nil else { return nil }
                return fleet.isDrained(identity)
            },
            lostCount: lost.count,
            summary: summary,
            queued: queuedCount,
            maximumQueued: limits.maximumQueued,
            oldestWait: queue.firsts.map { waited($0, at: now).duration }.max(),
            leased: leasedCount,
            cooling: coolingCount,
            counters: counters,
            models: fleet.pools.ofNames.prefix(FleetSnapshot.maximumModels).map { name, pool in
                ModelSnapshot(
                    name: name,
                    summary: fleet.pools.summary(of: pool),
                    queued: fleet.pools.allPools(of: pool).reduce(0) { $0 + queue.count(in: $1) },
                    oldestWait: fleet.pools.allPools(of: pool).flatMap(queue.firsts(in:))
                        .map { waited($0, at: now).duration }.max()
                )
            }
        )
    }

    /// One upstream; O(1).
    public func snapshot(of address: NetworkAddress, at now: Instant) -> UpstreamSnapshot? {
        fleet.index(at: address.identity).map { snapshot(of: $0, at: now) }
    }

    /// The upstream that an agent speaks for; O(1).
    public func snapshot(of agent: AgentID, at now: Instant) -> UpstreamSnapshot? {
        agents.index(of: agent).flatMap { agents[$0]?.upstream }.map { snapshot(of: $0, at: now) }
    }

    private func snapshot(of index: Int, at now: Instant) -> UpstreamSnapshot {
        let upstream = fleet[index]
        let description = fleet.description(of: index)
        let route = fleet.route(of: index)
        return UpstreamSnapshot(
            id: fleet.id(of: index),
            address: route.address,
            usesTLS: route.usesTLS,
            agent: upstream.owner.flatMap { agents[$0]?.id },
            name: description.name,
            condition: description.condition,
            isUsable: upstream.isUsable,
            isDraining: upstream.isDraining,
            isLeaving: upstream.isLeaving,
            isSilent: upstream.isSilent,
            isSleeping: upstream.isSleeping,
            ejectedFor: upstream.ejection.until.map { max(.zero, $0 - now) },
            ejectionsInARow: upstream.ejection.inARow,
            slotsTotal: upstream.total,
            slotsLeased: upstream.leased,
            slotsCooling: upstream.cooling,
            slotsForeign: upstream.foreign,
            slotsOthers: min(upstream.others, upstream.foreign),
            slotsIdle: upstream.idle,
            models: description.models,
            role: description.role,
            contextSize: description.contextSize,
            build: description.build,
            weight: upstream.weight,
            speed: upstream.speed,
            residency: placement.residency(of: index, at: now),
            accelerators: upstream.owner == nil ? [] : description.accelerators,
            sinceLastReport: max(.zero, now - description.lastReport),
            sinceLastSample: upstream.lastSample.map { max(.zero, now - $0) },
            loss: upstream.owner == nil ? lost[route.address] : nil,
            claim: description.claim,
            rank: upstream.isUsable ? fleet.picker.rank(index, upstream) : .last
        )
    }
}
