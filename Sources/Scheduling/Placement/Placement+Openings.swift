// Which host is kept for those who have waited longest, until enough has gone there. As in backfilling (EASY, of batch schedulers),
// others get what isn't needed for that.

extension Placement {
    /// When enough of a host's memory will be free for a model, as far as is known.
    struct Opening {
        var host: String
        var upstream: Int
        var at: Instant
        /// Of the memory, what the model doesn't need then, in bytes; less than nothing: there won't be enough.
        var spare: Int

        func isEarlier(than other: Opening) -> Bool { (at, upstream) < (other.at, other.upstream) }
    }

    /// The first of these that can be loaded once others have gone.
    func opening(for want: Want, among candidates: [Int], _ uses: [Int: Use], at now: Instant) -> Opening? {
        candidates.compactMap { opening(for: want, at: $0, uses, at: now) }.min { $0.isEarlier(than: $1) }
    }

    private func opening(for want: Want, at upstream: Int, _ uses: [Int: Use], at now: Instant) -> Opening? {
        guard let server = servers[upstream] else { return nil }
        let host = server.terms.host
        guard plans[host] == nil, spare[host] == nil else { return nil }
        let memory = self.host(of: server)
        var opening = Opening(
            host: host,
            upstream: upstream,
            at: now,
            spare: memory.free + memory.outgoing - server.terms.memory
        )
        let leaving = memory.present.compactMap { other -> (at: Instant, upstream: Int, memory: Int)? in
            guard let there = servers[other], let use = uses[other] else { return nil }
            return departure(of: there, use, for: want, server, at: now).map { ($0, other, there.terms.memory) }
        }
        for one in leaving.sorted(by: { ($0.at, $0.upstream) < ($1.at, $1.upstream) }) where opening.spare < 0 {
            opening.spare += one.memory
            opening.at = max(now, one.at)
        }
        return opening.spare < 0 ? nil : opening
    }

    /// nil: never, or its memory counts as free.
    private func departure(
        of other: OnDemandServer,
        _ use: Use,
        for want: Want,
        _ server: OnDemandServer,
        at now: Instant
    ) -> Instant? {
        guard !other.terms.isPinned, !other.isOnItsWayOut else { return nil }
        let turn = use.isUnused ? now : now.advanced(by: patience(for: server, insteadOf: other) - want.waited)
        return max(turn, other.stayEnds(at: now), other.pausedUntil)
    }
}
