extension Scheduler {
    /// A copy for those who look on; O(upstreams).
    public func snapshot(at now: Instant) -> FleetSnapshot {
        FleetSnapshot(
            taken: now,
            upstreams: fleet.upstreams.indices.filter(fleet.isKnown).map { snapshot(of: $0, at: now) },
            summary: summary,
            queued: queuedCount,
            maximumQueued: limits.maximumQueued,
            oldestWait: queue.first.map { waited($0.request, at: now).duration },
            leased: leasedCount,
            cooling: coolingCount,
            counters: counters
        )
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
            slotsIdle: upstream.idle,
            models: description.models,
            contextSize: description.contextSize,
            build: description.build,
            sinceLastReport: max(.zero, now - description.lastReport),
            sinceLastSample: upstream.lastSample.map { max(.zero, now - $0) },
            rank: upstream.isUsable ? UpstreamPicker.rank(index, upstream) : .max
        )
    }
}
