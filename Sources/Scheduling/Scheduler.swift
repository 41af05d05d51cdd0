import LlamaServer

/// Gives each request a slot of an upstream of its own, in the order of arrival.
///
/// A value without clock, lock or I/O: every input carries the time, every output says what the shell has to do. Time
/// that goes back counts as time that stands still, so inputs may race for the shell's lock.
///
/// The rules:
/// - Own leases are known exactly and at once; reports are samples, old on arrival, and tell only what others use.
/// - A slot that becomes idle goes, in the same call, to the first request in the queue that may use it.
/// - What fails before the first byte goes back to where its arrival places it, what fails later is over.
/// - No input breaks an invariant: stale tickets and leases do nothing, absurd numbers are moved into range.
public struct Scheduler: Sendable {
    enum Phase: Sendable {
        case accepting
        /// New requests are refused; those that it has keep their chance.
        case finishing
        /// Nobody waits any more.
        case closed
    }

    let limits: SchedulerLimits
    var modelRules = ModelRules()
    /// As they say; nil: never.
    var fallbackAfter: Nanoseconds? = Nanoseconds(.seconds(10))
    var fallbacks = Fallbacks()
    var phase = Phase.accepting
    /// Whether agents that go or fall silent leave their upstreams as they are.
    var isFleetHeld = false
    var fleet: Fleet
    var agents = AgentDirectory()
    var ledger = RequestLedger()
    var queue: PoolQueues
    /// Somebody's turn has come before that of others, which was seen where nothing could be given away.
    var mustLookAgain = false
    var prefixes: PrefixLedger
    var foreignPrompts = ForeignPrompts()
    /// Taken after every input.
    var promptNews: [(agent: AgentID, news: PromptNews)] = []
    /// By pool.
    var keepings: [Int: Keeping] = [:]
    var slotless = SlotlessQueue()
    var placement: Placement
    /// Upstreams that others were last seen to use, and that are looked at next when their agents want to. Bounded by the
    /// number of upstreams; what is said of each may be over.
    var unaskedForeign: Set<Int> = []
    /// Agents that were told of leases where another one speaks by now, since that was taken last.
    var formerOwners: [AgentID] = []
    var counters = SchedulerCounters()
    var lost: LostUpstreams
    var eventLog = EventLog()
    var changesOfAddress: ChangeLimit<NetworkAddress>
    var changesOfAgent: ChangeLimit<AgentID>
    var serviceTime = ServiceTime()
    var refusals = ChangeLimit<Refusal>(limit: 1)
    private(set) var latest = Instant(nanoseconds: .min)

    public init(configuration: Configuration) {
        limits = SchedulerLimits(configuration)
        queue = PoolQueues(classPatience: limits.classPatience)
        prefixes = PrefixLedger(usable: limits.balance == .session ? .always : .fromAQuarterOn)
        fleet = Fleet(balance: configuration.balance, strictModels: configuration.strictModels)
        placement = Placement(longestPatience: limits.queueTimeout / 4)
        lost = LostUpstreams(memory: limits.lostMemory)
        changesOfAddress = ChangeLimit(limit: limits.maximumChangesPerMinute)
        changesOfAgent = ChangeLimit(limit: limits.maximumChangesPerMinute)
    }

    /// The totals over the fleet; O(1).
    public var summary: FleetSummary { fleet.summary }
    /// Requests that wait.
    public var queuedCount: Int { queue.count }
    /// Requests that need no slot and wait for a server.
    public var slotlessCount: Int { slotless.count }
    /// Requests that have a slot.
    public var leasedCount: Int { ledger.leasedCount }
    /// Slots of requests whose client has left that still count as busy.
    public var coolingCount: Int { ledger.coolingCount }
    /// Upstreams that an agent speaks for or leases are running on.
    public var upstreamCount: Int { fleet.count }

    /// Whether it hasn't been forgotten; O(1).
    public func knows(_ upstream: UpstreamID) -> Bool { fleet.index(of: upstream) != nil }

    /// When something was last seen to move in the slots of an upstream; nil: nothing is known. O(1).
    public func lastMove(on upstream: UpstreamID) -> Instant? {
        fleet.index(of: upstream).flatMap { fleet[$0].lastMove }
    }

    /// Every input passes its time through here.
    mutating func advance(to now: Instant) -> Instant {
        latest = passed(now)
        return latest
    }

    /// The same of what is only asked.
    func passed(_ now: Instant) -> Instant { max(latest, now) }
}

// MARK: - The meeting of queue and fleet

extension Scheduler {
    /// Brings together what belongs together. Called at the end of every input that can have made a slot idle or a
    /// request free to use it; beside ``handOver(_:at:_:)``, which comes to the same, there is no other place where a
    /// waiting request gets its slot.
    /// - Returns: the lease of the request `own`, if it got one; those of others are among the decisions.
    @discardableResult
    mutating func dispatchWaiting(at now: Instant, _ decisions: inout Decisions, own: Int? = nil) -> Lease? {
        settleModels(at: now, &decisions)
        moveOnFromDeserted(at: now)
        if slotless.count > 0 { sendSlotless(&decisions) }
        endHoldsInVain()
        queue.letPassedOver(at: now)
        endKeeping()
        var ownLease: Lease?
        keepSlots()
        touchWoken()
        while queue.count > 0, let match = nextMatchOfHeld() ?? nextMatch() {
            leaveQueue(match.request, at: now)
            let lease = lease(match.request, on: match.upstream, at: now)
            if match.request == own {
                ledger[match.request].way = .atOnce
                ownLease = lease
            } else {
                decisions.append(.dispatch(lease))
            }
            // What it was charged may have changed whose turn it is.
            queue.letPassedOver(at: now)
            if mustLookAgain { endKeeping() }
            keepSlots()
            touchWoken()
        }
        mustLookAgain = false
        fleet.settlePools()
        fleet.forgetTurned()
        return ownLease
    }

    /// Lets the first who waits have the slot that another leaves, if all stays as it is otherwise: no other upstream has
    /// an idle slot, and this one has as many leases afterwards as before. What ``dispatchWaiting(at:_:own:)`` would come
    /// to, without moving the upstream through the order of picking and back.
    /// - Returns: false if it takes more than that.
    mutating func handOver(_ upstream: Int, at now: Instant, _ decisions: inout Decisions) -> Bool {
        guard let pool = fleet.pools.onlyPool(of: upstream), let head = queue.first(in: pool),
            !queue.hasWide(in: pool), !queue.hasPassedOver(at: now), head.avoided != upstream,
            fleet.pools[pool].best == nil,
            fleet[upstream].isUsable, fleet[upstream].isJustFull, queue.held.count == 0 || fleet.turned.isEmpty
        else { return false }
        let request = choose(for: upstream, in: pool, insteadOf: head.request)
        leaveQueue(request, at: now)
        fleet.handOver(upstream, at: now)
        decisions.append(.dispatch(enter(request, on: upstream, at: now)))
        return true
    }

    mutating func lease(_ request: Int, on upstream: Int, at now: Instant) -> Lease {
        let slots = slots(of: request, at: upstream)
        fleet.take(slots, of: upstream, at: now)
        return enter(request, slots, on: upstream, at: now)
    }

    mutating func leaveQueue(_ request: Int, at now: Instant) {
        let pool = ledger[request].pool
        if !keepings.isEmpty, keepings[pool]?.request == request { endKeeping(in: pool) }
        fallbacks.remove(request)
        ledger[request].way = queue.held.contains(request) ? .held : .waited
        let arrival = ledger[request].arrival
        if queue.take(request, arrival: arrival, from: ledger[request].line, at: now) { counters.passes += 1 }
        ledger[request].waited = waited(request, at: now)
        if ledger[request].awaitsLoad { counters.loads.countWait(ledger[request].waited.duration) }
    }

    private mutating func enter(_ request: Int, _ slots: Int = 1, on upstream: Int, at now: Instant) -> Lease {
        ledger.lease(request, slots, of: upstream, at: now)
        ledger[request].runningAtStart = fleet[upstream].processing
        beginSharing(request)
        ledger[request].isOnly = fleet.pools[ledger[request].pool].count == 1
        if let trail = ledger[request].demand.trail, limits.balance.followsPrompts {
            let used = prefixes.sent(trail, to: upstream)
            ledger[request].used = used
            counters.promptBytes += trail.bytes
            counters.promptBytesExpected += used?.bytes ?? 0
            tellOthers(at: upstream, .begins(trail))
        }
        if fleet[upstream].attention == .resting { wantLook(at: upstream, at: now) }
        counters.dispatched += 1
        return Lease(
            request: ledger[request].id,
            upstream: fleet.id(of: upstream),
            route: fleet.route(of: upstream),
            attempt: ledger[request].attempts,
            slots: slots,
            model: nameToWrite(for: request, at: upstream),
            ticket: ledger.ticket(request)
        )
    }

    /// The sum of the waits of a queued request.
    @inline(__always)
    func waited(_ request: Int, at now: Instant) -> Nanoseconds {
        ledger[request].waited + now.since(ledger[request].since)
    }

    /// - Parameter head: the first who could have had the slot.
    typealias Match = (request: Int, upstream: Int, head: Int)

    /// Of several pools' first, an upstream that is in more than one of them gets the one that came first.
    private func nextMatch() -> (request: Int, upstream: Int)? {
        guard fleet.pools.areSeveral else {
            return nextMatch(in: ModelPools.everything).map { ($0.request, $0.upstream) }
        }
        var first: Match?
        for pool in fleet.pools.touched {
            guard let match = nextMatch(in: pool) else { continue }
            if let found = first, comes(found.head, before: match.head) { continue }
            first = match
        }
        return first.map { ($0.request, $0.upstream) }
    }

    /// Of the first who takes several slots and the first who takes one, the one that came first if it finds what it needs.
    private func nextMatch(in pool: Int) -> Match? {
        guard let several = nextMatchOfSeveral(in: pool) else { return nextMatchOfOne(in: pool) }
        guard let one = nextMatchOfOne(in: pool), comes(one.head, before: several.head) else { return several }
        return one
    }

    private func nextMatchOfOne(in pool: Int) -> Match? {
        guard let head = queue.first(in: pool), let best = fleet.pools[pool].best else { return nil }
        // Where it was broken off is better than nowhere.
        if head.avoided != best || fleet.pools[pool].count == 1 {
            guard fleet.pools[pool].second == nil else {
                let trail = ledger[head.request].demand.trail
                let holders = holders(of: trail, in: pool)
                let warmest = idleUpstream(for: trail, heldBy: holders, in: pool, avoiding: head.avoided)?.upstream
                return (head.request, warmest ?? best, head.request)
            }
            return (choose(for: best, in: pool, insteadOf: head.request), best, head.request)
        }
        if let second = fleet.pools[pool].second { return (head.request, second, head.request) }
        return queue.first(in: pool, for: best).map { ($0.request, best, $0.request) }
    }
}
