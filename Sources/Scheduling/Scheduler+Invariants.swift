// What always holds, whatever happens. Called by tests and the simulation only.

extension Scheduler {
    /// What doesn't hold although it should, in words; empty when all is well. O(everything).
    package func violations() -> [String] {
        var found = fleet.violations(lost.hasChanged || placement.announcementsHaveChanged ? nil : awaitedKinds)
        found += agents.violations() + queue.violations() + slotless.violations()
        countRequests(&found)
        checkTenants(&found)
        for index in fleet.upstreams.indices { check(index, &found) }
        found += prefixes.violations(usedCount: usedPromptsCount) { fleet.isKnown($0) }
        for upstream in foreignPrompts.upstreams where !fleet.isKnown(upstream) {
            found.append("prompts of others run at \(upstream), which is forgotten")
        }
        checkNobodyWaitsInVain(&found)
        checkHolds(&found)
        checkKeeping(&found)
        checkFallbacks(&found)
        return found
    }

    /// Slots that others seem to use, over all upstreams.
    package var foreignCount: Int { fleet.upstreams.reduce(0) { $0 + $1.foreign } }

    /// Whether all that we have sent there and all that others were last seen to use fits into the slots of an upstream.
    package func hasSlotsForAll(on upstream: UpstreamID) -> Bool {
        guard let index = fleet.index(of: upstream) else { return false }
        return fleet[index].leased + fleet[index].cooling + fleet[index].others + fleet[index].strangers
            <= fleet[index].total
    }

    /// How many leases other balancers have on an agent's upstream, as far as it has told.
    package func others(of agent: AgentID) -> Int {
        agents.index(of: agent).flatMap { agents[$0]?.upstream }.map { fleet[$0].others } ?? 0
    }

    /// Whether nothing is left of anything but the memory of what was lost: no upstream, no agent, no request.
    package var isEmpty: Bool {
        fleet.count == 0 && agents.count == 0 && queue.count == 0 && ledger.leasedCount == 0
            && ledger.coolingCount == 0 && slotless.count == 0 && nextDue == nil && summary == FleetSummary()
    }

    /// How many records of requests there are, in use or not: no more than there ever were requests at one time.
    package var recordCount: Int { ledger.indices.count }

    /// Of how many tenants, classes and pools something is remembered, whether somebody waits there or not.
    package var lineCount: Int { queue.lineCount }

    private var usedPromptsCount: Int {
        ledger.indices.count { ledger[$0].used?.usesUp == true } + foreignPrompts.usedCount
    }

    private func countRequests(_ found: inout [String]) {
        var leased = [Int](repeating: 0, count: fleet.upstreams.count)
        var cooling = leased
        var queued = 0
        var running = 0
        var cooled = 0
        for index in ledger.indices {
            switch ledger[index].state {
            case .ended: break
            case .queued: queued += 1
            case .leased(let upstream):
                leased[Int(upstream)] += ledger[index].slots
                running += 1
            case .cooling(let upstream, _):
                cooling[Int(upstream)] += ledger[index].slots
                cooled += 1
            }
            guard case .queued = ledger[index].state else {
                if queue.contains(index) {
                    found.append("request \(index) is in the queue and not queued")
                }
                continue
            }
            checkAvoidance(of: index, &found)
        }
        if queued != queue.count { found.append("\(queued) requests are queued, \(queue.count) in the queue") }
        for (index, upstream) in fleet.upstreams.enumerated() {
            if upstream.leased != leased[index] {
                found.append("upstream \(index) counts \(upstream.leased) leases and has \(leased[index])")
            }
            if upstream.cooling != cooling[index] {
                found.append("upstream \(index) counts \(upstream.cooling) cooling and has \(cooling[index])")
            }
        }
        if running != ledger.leasedCount || cooled != ledger.coolingCount {
            found.append("the ledger's totals are not the sums")
        }
    }

    private func checkAvoidance(of request: Int, _ found: inout [String]) {
        guard queue.contains(request) else {
            return found.append("request \(request) is queued and not in the queue")
        }
        guard let avoided = queue.avoided(by: request) else { return }
        guard let avoidance = ledger[request].avoidance, avoidance.upstream == avoided,
            fleet[avoided].epoch == avoidance.epoch
        else {
            return found.append("request \(request) avoids upstream \(avoided), which didn't break it off in this life")
        }
    }

    private func check(_ index: Int, _ found: inout [String]) {
        let upstream = fleet[index]
        if upstream.leased < 0 || upstream.cooling < 0 || upstream.others < 0 || upstream.strangers < 0
            || upstream.total < 0
        {
            found.append("upstream \(index) counts less than nothing")
        }
        if upstream.idle < 0, upstream.foreign > 0 {
            found.append("upstream \(index) has more in use than it has, and not because its total shrank")
        }
        if !fleet.isKnown(index), upstream.leased + upstream.cooling > 0 || upstream.owner != nil {
            found.append("upstream \(index) is forgotten and in use")
        }
        if fleet.isKnown(index), upstream.owner == nil, upstream.leased + upstream.cooling == 0 {
            found.append("upstream \(index) should be forgotten")
        }
        if upstream.owner == nil, upstream.others > 0 || upstream.sharesLeases || upstream.sharesPrompts {
            found.append("upstream \(index) has other balancers by nobody's word")
        }
        if let owner = upstream.owner, agents[owner]?.upstream != index {
            found.append("upstream \(index)'s owner doesn't own it")
        }
        if !(0...upstream.cooling ~= upstream.coolingSeen) {
            found.append("upstream \(index) was seen to run \(upstream.coolingSeen) of \(upstream.cooling) that cool")
        }
        if fleet.timer(of: index) != nextDue(of: index) { found.append("upstream \(index)'s timer is wrong") }
        if upstream.cooling > 0 || upstream.attention == .wanted, upstream.nextPoll == nil {
            found.append("upstream \(index) isn't polled although something cools, or its agent rests")
        }
        if upstream.nextPoll != nil, upstream.cooling == 0, upstream.strangers == 0, upstream.attention != .wanted {
            found.append("upstream \(index) is polled for nothing")
        }
        checkCoolingList(index, &found)
    }

    private func checkCoolingList(_ index: Int, _ found: inout [String]) {
        var length = 0
        var next = fleet[index].coolingRequests.first
        var since = fleet[index].coolingRequests.since
        while let request = next, length <= fleet[index].cooling {
            guard case .cooling(_, let following) = ledger[Int(request)].state, ledger[Int(request)].since >= since
            else { break }
            since = ledger[Int(request)].since
            length += ledger[Int(request)].slots
            next = following
        }
        if length != fleet[index].cooling { found.append("upstream \(index)'s cooling list is broken") }
    }

    private func checkHolds(_ found: inout [String]) {
        for request in ledger.indices where queue.held.contains(request) {
            guard let (index, end, _) = queue.held.hold(of: request) else { continue }
            let upstream = fleet[index]
            if !ledger[request].isQueued || ledger[request].waited > .zero {
                found.append("request \(request) is held, although it had its slot")
            }
            if !upstream.isUsable || upstream.offered > 0 || !fleet.pools.isMember(index, of: ledger[request].pool) {
                found.append("request \(request) is held for upstream \(index), which is idle, or of no use")
            }
            let longest = min(Self.longestHold, limits.queueTimeout)
            if end > ledger[request].since.advanced(by: longest) { found.append("request \(request) is held too long") }
        }
    }

    private func checkNobodyWaitsInVain(_ found: inout [String]) {
        for model in slotless.models where freeUpstream(avoiding: nil, for: model) != nil {
            found.append("a request without a slot waits although a server is usable")
        }
        // What has changed for a tenant is looked at by the tick that is due then.
        guard queue.count > 0, !mustLookAgain else { return }
        for (index, upstream) in fleet.upstreams.enumerated() where upstream.isUsable && upstream.offered > 0 {
            for request in ledger.indices where ledger[request].isQueued && ledger[request].demand.slots == 1 {
                guard !queue.held.contains(request) else { continue }
                let pool = ledger[request].pool
                guard fleet.pools.isMember(index, of: pool) else { continue }
                if queue.isResting(ledger[request].line) { continue }
                if queue.avoided(by: request) == index, fleet.pools[pool].count > 1 { continue }
                found.append("request \(request) waits although upstream \(index) has an idle slot")
            }
        }
    }
}
