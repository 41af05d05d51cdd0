// Requests that need no slot, only a server: lists of models, tokens, templates.

extension Scheduler {
    /// Hands in a request that needs no slot, or does so again after a server could not be reached.
    ///
    /// - Parameters:
    ///   - arrived: when it was handed in first: its waits add up.
    ///   - model: whose servers are meant, if there are any by that name; else any server will do.
    ///   - avoiding: passed over for as long as there is another.
    public mutating func submitSlotless(
        _ request: RequestID,
        for model: String? = nil,
        avoiding: UpstreamID?,
        arrived: Instant,
        at now: Instant
    ) -> SlotlessSubmission {
        let now = advance(to: now)
        if let (upstream, route) = freeUpstream(avoiding: avoiding, for: model) { return .send(upstream, route) }
        guard phase != .closed else { return .reject(.shuttingDown) }
        let waited = now.since(arrived)
        let summary = fleet.pools.summary(of: poolOfSlotless(for: model))
        guard limits.maximumQueued > 0, waited < limits.slotlessTimeout else {
            return .reject(.noServer(waited: waited.duration, summary))
        }
        guard hasRoomToWait(in: ModelPools.everything) else {
            return .reject(.queueFull(limit: limits.maximumQueued, summary))
        }
        slotless.insert(request, for: model, arrived: min(arrived, now))
        placement.look()
        return .waits
    }

    /// Its client has left.
    /// - Returns: false when it no longer waited: a decision about it is on its way.
    public mutating func cancelSlotless(_ request: RequestID) -> Bool {
        slotless.remove(request)
    }

    /// Whether a request for this model that needs no slot may be sent there.
    package func mayServeWithoutSlot(_ upstream: UpstreamID, _ model: String?) -> Bool {
        fleet.index(of: upstream).map { fleet.pools.isMember($0, of: poolOfSlotless(for: model)) } ?? false
    }

    /// Requests for slots that share their places with these.
    package var queuedForAnyServerCount: Int { queue.count(in: ModelPools.everything) }

    /// Requests of both kinds that wait share the places. A tenant of whom nobody waits has a place of its own, whatever others
    /// fill.
    func hasRoomToWait(in pool: Int, for terms: TenantTerms? = nil) -> Bool {
        let limit = maximumQueued(in: pool).limit
        if queue.count(in: pool) + slotless.count < limit { return true }
        guard limit > 0, let terms else { return false }
        return (queue.tenants[terms.tenant]?.waiting ?? 0) == 0
    }

    /// When the first of them has waited long enough.
    var nextSlotlessDeadline: Instant? { slotless.oldest?.advanced(by: limits.slotlessTimeout) }

    /// A server became usable.
    mutating func sendSlotless(_ decisions: inout Decisions) {
        var found: [String?: (UpstreamID, UpstreamRoute)] = [:]
        for model in Set(slotless.models) { found[model] = freeUpstream(avoiding: nil, for: model) }
        guard !found.isEmpty else { return }
        for one in slotless.take(where: { found[$0.model] != nil }) {
            guard let (upstream, route) = found[one.model] else { continue }
            decisions.append(.send(one.request, upstream, route))
        }
    }

    mutating func rejectSlotlessDue(at now: Instant, _ decisions: inout Decisions) {
        guard let due = nextSlotlessDeadline, due <= now else { return }
        for one in slotless.take(arrivedBy: now.advanced(by: .zero - limits.slotlessTimeout)) {
            let summary = fleet.pools.summary(of: poolOfSlotless(for: one.model))
            decisions.append(.reject(one.request, .noServer(waited: now.since(one.arrived).duration, summary)))
        }
    }

    mutating func rejectAllSlotless(_ decisions: inout Decisions) {
        for one in slotless.take(arrivedBy: Instant(nanoseconds: .max)) {
            decisions.append(.reject(one.request, .shuttingDown))
        }
    }
}
