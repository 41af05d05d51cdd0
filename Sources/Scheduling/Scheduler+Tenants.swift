// Whose requests there are, and whose turn it is.

extension Scheduler {
    /// Whether the one is served before the other, for a slot that both may use.
    func comes(_ request: Int, before other: Int) -> Bool {
        let (line, otherLine) = (ledger[request].line, ledger[other].line)
        let (arrival, otherArrival) = (ledger[request].arrival, ledger[other].arrival)
        guard line != otherLine else { return arrival < otherArrival }
        guard ledger[request].pool == ledger[other].pool else {
            return queue.turnAmongPools(in: line, arrival: arrival)
                < queue.turnAmongPools(in: otherLine, arrival: otherArrival)
        }
        return queue.turn(in: line, arrival: arrival) < queue.turn(in: otherLine, arrival: otherArrival)
    }

    /// Whether such a request, if it came now, would be served before one that waits in the pool.
    func wouldCome(_ demand: RequestDemand, in pool: Int, before other: Int) -> Bool {
        guard demand.terms != nil || demand.priority != ledger[other].demand.priority else { return false }
        return queue.turnOfNew(demand.terms, demand.priority, in: pool)
            < queue.turn(in: ledger[other].line, arrival: ledger[other].arrival)
    }

    /// Whether its tenant has as much running as it may, or might until now: then others of it come first.
    func isAtLimit(_ terms: TenantTerms?) -> Bool {
        guard let terms, let tenant = queue.tenants[terms.tenant] else { return false }
        return tenant.isAtLimit || terms.maximumRunning.map { tenant.running >= $0 } ?? false
    }

    /// nil: as far as its tenant is concerned, it may.
    func whyNotWait(_ terms: TenantTerms?, in pool: Int) -> Rejection? {
        guard let terms, let limit = terms.maximumWaiting else { return nil }
        guard limit == 0 || queue.tenants[terms.tenant].map({ $0.waiting >= limit }) ?? false else { return nil }
        return .tenantQueueFull(limit: limit, fleet.pools.summary(of: pool))
    }

    /// How many are served before one more of its tenant, at most.
    func countAhead(of terms: TenantTerms?, in pool: Int) -> Int {
        let all = queue.count(in: pool)
        guard let terms else { return all }
        let own = queue.tenants[terms.tenant]?.waiting ?? 0
        return min(all, (own + 1) * (queue.lineCount(in: pool) + 1))
    }

    /// Where somebody may go on whose tenant has less running than before.
    @inline(__always)
    mutating func touchWoken() {
        guard queue.hasWoken else { return }
        for pool in queue.takeWoken() { fleet.touchPool(pool) }
    }

    // MARK: - What it is charged

    /// A new request.
    mutating func share(_ request: Int, in pool: Int) {
        guard let terms = ledger[request].demand.terms else { return }
        ledger[request].tenant = queue.add(terms)
        // It may have other terms than its tenant's requests before it.
        if queue.hasWoken { mustLookAgain = true }
        setLine(of: request, in: pool)
    }

    /// To be called before it waits, or is charged, in this pool.
    mutating func setLine(of request: Int, in pool: Int) {
        ledger[request].line = queue.line(
            in: pool,
            min(ledger[request].demand.priority, RequestDemand.mostPriority),
            tenant: ledger[request].tenant
        )
    }

    /// It has got its slots.
    @inline(__always)
    mutating func beginSharing(_ request: Int) {
        guard ledger[request].tenant != nil else { return }
        ledger[request].charged = queue.started(
            in: ledger[request].line,
            slots: ledger[request].slots,
            average: serviceTime.average
        )
        if !keepings.isEmpty || !queue.poolsOfWide.isEmpty { mustLookAgain = true }
    }

    /// It has its slots no longer.
    ///
    /// - Parameter isCharged: whether for the time that it had them; else for nothing.
    @inline(__always)
    mutating func endSharing(_ request: Int, isCharged: Bool = true, at now: Instant) {
        guard ledger[request].tenant != nil else { return }
        let time = now.since(ledger[request].leasedAt)
        queue.correct(
            ledger[request].line,
            slots: ledger[request].slots,
            charged: ledger[request].charged,
            time: isCharged ? time : .zero
        )
        ledger[request].charged = 0
        queue.stopped(in: ledger[request].line, time: isCharged ? time : nil)
    }

    /// One slot of those that cool.
    mutating func endSharingSlot(of request: Int, at now: Instant) {
        guard ledger[request].tenant != nil else { return }
        let charged = ledger[request].charged / Int64(max(1, ledger[request].slots))
        let time = now.since(ledger[request].leasedAt)
        ledger[request].charged -= charged
        queue.correct(ledger[request].line, slots: 1, charged: charged, time: time)
        if ledger[request].slots == 1 { queue.stopped(in: ledger[request].line, time: time) }
    }

    /// What it was handed in for is over.
    mutating func endRequest(_ request: Int, at now: Instant) {
        let tenant = ledger[request].tenant
        ledger.end(request, at: now)
        queue.ended(tenant)
    }
}

extension Scheduler {
    func checkTenants(_ found: inout [String]) {
        var counts: [Int: (requests: Int, running: Int)] = [:]
        var running: [Int: Int] = [:]
        for request in ledger.indices {
            guard let tenant = ledger[request].tenant else { continue }
            switch ledger[request].state {
            case .ended: continue
            case .queued where !queue.held.contains(request): counts[tenant, default: (0, 0)].requests += 1
            case .queued, .leased, .cooling:
                counts[tenant, default: (0, 0)].requests += 1
                counts[tenant, default: (0, 0)].running += 1
                running[ledger[request].line, default: 0] += 1
            }
        }
        queue.checkTenants(counts, running, &found)
    }
}

extension Scheduler {
    /// Whether a request waits, and could go nowhere, since its tenant has as much running as it may.
    package func waitsForItsTenant(_ ticket: QueueTicket) -> Bool {
        guard let index = ledger.index(of: ticket), ledger[index].isQueued, ledger[index].tenant != nil else {
            return false
        }
        return queue.isResting(ledger[index].line)
    }
}
