// What a request waits for whose model has to be loaded.

extension Scheduler {
    /// How it stands with the model that a request waits for; O(1) where a server of it can be used, else O(servers that are
    /// loaded on demand).
    ///
    /// - Returns: nil: the request waits for a slot of a server that is there, or nothing is about to be loaded for it.
    public func awaitedLoad(of ticket: QueueTicket, at now: Instant) -> AwaitedLoad? {
        guard !placement.isEmpty, let request = ledger.index(of: ticket), ledger[request].isQueued,
            !queue.held.contains(request)
        else { return nil }
        let pool = ledger[request].pool
        guard fleet.pools[pool].isEmpty else { return nil }
        guard let (upstream, stage) = placement.nearest(at: now, among: { fleet.pools.isMember($0, of: pool) })
        else { return nil }
        let description = fleet.description(of: upstream)
        return AwaitedLoad(
            upstream: fleet.id(of: upstream),
            model: description.models.first,
            server: stage == .waitsForRoom ? nil : description.name,
            usualTime: placement.servers[upstream]?.terms.loadTime,
            stage: stage
        )
    }
}
