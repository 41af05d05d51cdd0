// Where prompts lie, and what that decides: which of several idle upstreams gets a request, and which of those that wait
// gets a slot that has become idle.

import LlamaServer

extension Scheduler {
    /// The idle upstream for a request: the one that has most of its prompt; where that is the same, the one that comes
    /// first in the order of picking. What is asked is that one and ``PrefixLedger/mostHolders`` others, however many there
    /// are.
    ///
    /// - Returns: how much of the prompt is there, too, in bytes.
    func idleUpstream(
        for trail: PromptTrail?,
        heldBy holders: [PrefixLedger.Holder],
        in pool: Int,
        avoiding avoided: Int? = nil
    ) -> (upstream: Int, bytes: Int)? {
        guard let first = fleet.pools[pool].best else { return nil }
        guard let trail, !holders.isEmpty else { return (first, 0) }
        var best = first
        var most = found(trail, at: first, heldBy: holders)
        for holder in holders where holder.upstream != first && holder.upstream != avoided {
            guard isIdle(holder.upstream, in: pool) else { continue }
            if holder.bytes >= most + Self.sameBytes {
                best = holder.upstream
                most = holder.bytes
            } else if holder.bytes + Self.sameBytes > most, comes(holder.upstream, before: best, in: pool) {
                best = holder.upstream
            }
        }
        return (best, most)
    }

    /// By both tables: a prefix that lies everywhere must not depend on the few that are named, and of many prompts that begin
    /// alike each table remembers the newest.
    private func found(_ trail: PromptTrail, at upstream: Int, heldBy holders: [PrefixLedger.Holder]) -> Int {
        max(prefixes.found(trail, at: upstream).bytes, holders.first { $0.upstream == upstream }?.bytes ?? 0)
    }

    /// Who has most of a prompt; nobody where that decides nothing.
    @inline(__always)
    func holders(of trail: PromptTrail?, in pool: Int) -> [PrefixLedger.Holder] {
        guard let trail, limits.balance.followsPrompts, fleet.pools[pool].count > 1 else { return [] }
        return prefixes.holders(of: trail)
    }

    /// Prompts that differ by less than so many bytes are as good as each other: a few tokens.
    static let sameBytes = 256

    private func comes(_ upstream: Int, before other: Int, in pool: Int) -> Bool {
        fleet.pools[pool].rank(upstream, fleet[upstream]) < fleet.pools[pool].rank(other, fleet[other])
    }

    private func isIdle(_ upstream: Int, in pool: Int) -> Bool {
        fleet[upstream].isUsable && fleet[upstream].offered > 0 && fleet.pools.isMember(upstream, of: pool)
    }

    /// Who of those that wait gets a slot of this upstream: among its tenant's first in the queue and those that are held for it the
    /// one that has most of its prompt there, if it has no more elsewhere. Of every four slots, one at least goes to who has
    /// waited longest.
    ///
    /// - Parameter head: the first in the queue that may go there.
    func choose(for upstream: Int, in pool: Int, insteadOf head: Int) -> Int {
        let held = firstHeld(for: upstream)
        var best = head
        if let held, comes(held, before: head) { best = held }
        let line = ledger[head].line
        guard limits.balance.followsPrompts, queue[line].hasTrails || held != nil, queue[line].passes < Self.mostPasses,
            fleet.pools[pool].count > 1
        else { return best }
        var most = found(of: best, at: upstream)
        let window = min(max(Self.window.lowerBound, fleet.pools.summary(of: pool).slotsTotal), Self.window.upperBound)
        // Nobody is passed by who is of a lower class.
        let priority = ledger[best].demand.priority
        queue[line].forEachTrail(within: ledger[head].demand.priority <= priority ? window : 0) { request in
            let found = found(of: request, at: upstream)
            guard found >= most + Self.sameBytes, found + Self.sameBytes > ledger[request].mostElsewhere else { return }
            best = request
            most = found
        }
        for request in queue.held.requests(for: upstream).prefix(window) {
            guard ledger[request].demand.priority <= priority else { continue }
            let found = found(of: request, at: upstream)
            guard found >= most + Self.sameBytes else { continue }
            best = request
            most = found
        }
        return best
    }

    private func found(of request: Int, at upstream: Int) -> Int {
        ledger[request].demand.trail.map { prefixes.found($0, at: upstream).bytes } ?? 0
    }

    /// How often in a row the first in the queue is passed.
    static let mostPasses = 3
    /// How many of the first in the queue are looked at: as many as there are slots, within these.
    static let window = 16...256

    /// A request has ended there: its prompt lies in the cache from now on.
    mutating func parkPrompt(of request: Int, at upstream: Int, _ use: ReportedUsage?) {
        guard let trail = ledger[request].demand.trail, limits.balance.followsPrompts else { return }
        let used = ledger[request].used
        var wasMissed = false
        // A session's next prompt need not begin like the one before.
        if limits.balance != .session, let use, let used, use.promptComputed + use.promptCached > 0 {
            let expected = Double(used.bytes) / Double(trail.bytes)
            let found = Double(use.promptCached) / Double(use.promptCached + use.promptComputed)
            wasMissed = expected - found > Self.missedShare
            if wasMissed { prefixes.missed(used, at: upstream) }
        }
        if let use { fleet[upstream].promptPace.note(use, bytes: trail.bytes) }
        let generated = (use?.generated ?? 0) * Self.bytesOfToken
        prefixes.park(trail, at: upstream, generated: generated, insteadOf: used)
        ledger[request].used = nil
        tellOthers(at: upstream, .ends(name: trail.name, generated: generated, wasMissed: wasMissed))
    }

    /// It has ended there, or goes elsewhere, and nobody can say what is left of its prompt.
    mutating func dropPrompt(of request: Int, at upstream: Int) {
        guard let trail = ledger[request].demand.trail, limits.balance.followsPrompts else { return }
        tellOthers(at: upstream, .isGone(name: trail.name))
        guard let used = ledger[request].used else { return }
        prefixes.discard(used)
        ledger[request].used = nil
    }

    /// If so much of a prompt was expected and not found, the server has less room than was thought.
    private static let missedShare = 0.25
    /// On average, in most languages that are written with letters.
    private static let bytesOfToken = 4

    /// In bytes, how much of a prompt lies at an upstream, as far as is known.
    package func promptFound(_ demand: RequestDemand, at upstream: UpstreamID) -> Int {
        guard limits.balance.followsPrompts, let trail = demand.trail, let index = fleet.index(of: upstream) else {
            return 0
        }
        return found(trail, at: index, heldBy: prefixes.holders(of: trail))
    }
}
