// Requests that wait for the upstream that has most of their prompt, although another one is idle.

import LlamaServer

extension Scheduler {
    struct Hold {
        var upstream: Int
        /// For how long it is held before it is looked whether another upstream is idle.
        var patience: Nanoseconds
        /// When it ends, even if none is.
        var last: Instant
    }

    /// Whether a new request is held for an upstream without an idle slot, since that has so much more of its prompt than the
    /// one that would be taken. It is held for twice the time that this saves; if no slot is idle then, for as long again,
    /// and no longer than eight times the time that is saved. It is held only if a slot can be expected to be free there by
    /// then.
    ///
    /// - Parameters:
    ///   - holders: who has most of its prompt, most first.
    ///   - here: the idle upstream that would be taken, and how much of the prompt lies there; nil: none is idle.
    func holdOut(
        for holders: [PrefixLedger.Holder],
        of terms: TenantTerms?,
        in pool: Int,
        insteadOf here: (upstream: Int, bytes: Int)?,
        at now: Instant
    ) -> Hold? {
        guard let there = holders.first(where: { serves($0.upstream, pool) }), hasRoomToWait(in: pool, for: terms)
        else {
            return nil
        }
        let upstream = fleet[there.upstream]
        // If that one is idle, nothing is more than what lies here.
        let more = there.bytes - (here?.bytes ?? 0)
        guard more >= Self.sameBytes, !upstream.isKept, let saved = upstream.promptPace.time(of: more),
            saved * 2 > Self.shortestHold, saved * 2 < limits.queueTimeout,
            let turn = serviceTime.expectedWait(ahead: queue.held.count(for: there.upstream), slots: upstream.total)
        else { return nil }
        let patience = min(saved * 2, Self.longestHold)
        // A request that has to wait anyway loses little by waiting for the right slot.
        let longest = max(patience, min(saved * 8, Self.longestHold, limits.queueTimeout / 2))
        guard turn <= (here == nil ? longest : patience) else { return nil }
        return Hold(upstream: there.upstream, patience: patience, last: now.advanced(by: longest))
    }

    private func serves(_ upstream: Int, _ pool: Int) -> Bool {
        fleet[upstream].isUsable && fleet.pools.isMember(upstream, of: pool)
    }

    /// Less isn't worth waiting for: that its time is up is seen up to a tenth of a second late.
    private static let shortestHold = Nanoseconds(.milliseconds(100))
    /// A safety limit: what is saved decides.
    static let longestHold = Nanoseconds(.seconds(30))

    mutating func begin(_ hold: Hold, of request: Int, at now: Instant) {
        if !unaskedForeign.isEmpty { askForForeign(at: now) }
        counters.held += 1
        let pool = ledger[request].pool
        setLine(of: request, in: pool)
        queue.hold(
            request,
            in: ledger[request].line,
            hold,
            arrival: ledger[request].arrival,
            at: now
        )
        noteFallback(request)
    }

    /// From now on it may go anywhere.
    mutating func endHold(_ request: Int) {
        dequeue(request)
        insert(request, into: ledger[request].pool)
    }

    mutating func endHoldsDue(at now: Instant) {
        while let due = queue.held.nextEnd, due.instant <= now {
            let isAnyIdle = fleet.pools[ledger[due.request].pool].best != nil
            if !isAnyIdle, queue.prolongHold(of: due.request, at: now) { continue }
            counters.heldInVain += 1
            endHold(due.request)
        }
    }

    /// Nobody is held for an upstream that is usable no longer, or doesn't serve the request's model any more.
    mutating func endHoldsInVain() {
        guard queue.held.count > 0 else { return }
        for upstream in fleet.turned {
            for request in Array(queue.held.requests(for: upstream)) {
                guard !serves(upstream, ledger[request].pool) else { continue }
                counters.heldInVain += 1
                endHold(request)
            }
        }
    }

    mutating func endHolds(for upstream: Int) {
        while let first = queue.held.first(for: upstream) {
            counters.heldInVain += 1
            endHold(Int(first.item))
        }
    }

    /// Of those that are held for an upstream, the one that is served first.
    func firstHeld(for upstream: Int) -> Int? {
        guard queue.tenants.count > 0 else { return queue.held.first(for: upstream).map { Int($0.item) } }
        return queue.held.requests(for: upstream).min { comes($0, before: $1) }
    }

    /// An upstream that has got an idle slot gives it to one that is held for it, or to who is chosen instead; to those of
    /// other models, and those that take several slots, first, if they came first.
    func nextMatchOfHeld() -> (request: Int, upstream: Int)? {
        guard queue.held.count > 0 else { return nil }
        for upstream in fleet.turned where fleet[upstream].isUsable && fleet[upstream].offered > 0 {
            guard let first = firstHeld(for: upstream) else { continue }
            let pool = ledger[first].pool
            let isFirst = fleet.pools.pools(of: upstream).allSatisfy { other in
                guard nextMatchOfSeveral(in: other).map({ comes(first, before: $0.head) }) ?? true else {
                    return false
                }
                return other == pool
                    || queue.first(in: other, for: upstream).map { comes(first, before: $0.request) } ?? true
            }
            guard isFirst else { continue }
            let head = queue.first(in: pool, for: upstream)?.request ?? first
            return (choose(for: upstream, in: pool, insteadOf: head), upstream)
        }
        return nil
    }

    /// The only upstream that a queued request waits for; until when that is looked at again; and for how long it waits before
    /// each look. `nil`: it may go anywhere.
    package func hold(of ticket: QueueTicket) -> (upstream: UpstreamID, end: Instant, patience: Duration)? {
        guard let index = ledger.index(of: ticket), ledger[index].isQueued else { return nil }
        return queue.held.hold(of: index).map { (fleet.id(of: $0.upstream), $0.end, $0.patience.duration) }
    }
}
