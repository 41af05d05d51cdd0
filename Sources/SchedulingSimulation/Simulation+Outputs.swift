import LlamaServer
import Scheduling

// What the scheduler decides is carried out and compared with what the world knows.

extension Simulation {
    mutating func carryOut(_ decisions: Decisions) throws(Violation) {
        try learnChoices()
        for decision in decisions {
            switch decision {
            case .dispatch(let lease): try dispatched(lease)
            case .send(let id, let upstream, let route): try serverFound(for: id, upstream, route)
            case .reject(let id, let rejection): try rejected(id, rejection)
            case .cooled(let id): try cooled(id)
            case .poll(let agent): try polled(agent)
            case .drained(let agent): try drained(agent)
            case .wish: break
            }
        }
        guard cooling.count == scheduler.coolingCount else {
            throw Violation(
                .cooling,
                "\(scheduler.coolingCount) cool, and \(cooling.count) haven't been told to be over"
            )
        }
        try checkOrder()
    }

    private mutating func cooled(_ id: RequestID) throws(Violation) {
        guard let left = cooling[id] else {
            throw Violation(.cooling, "a slot of \(id.rawValue) is told to cool no longer, and none did")
        }
        cooling[id] = left > 1 ? left - 1 : nil
    }

    mutating func dispatched(_ lease: Lease) throws(Violation) {
        let number = lease.request.rawValue
        guard let index = requests.firstIndex(where: { $0.id == lease.request }) else {
            throw Violation(.theEndIsTheEnd, "request \(number) has ended and got a slot")
        }
        guard case .queued(let ticket, let since, _) = requests[index].state else {
            throw Violation(.oneSlotEach, "request \(number) has a slot and got another")
        }
        guard let server = servers.firstIndex(where: { $0.address == lease.address }) else {
            throw Violation(.onlyUsable, "request \(number) was sent to \(lease.address), where nobody is")
        }
        requests[index].attempts += 1
        guard lease.attempt == requests[index].attempts else {
            throw Violation(.attempts, "attempt \(requests[index].attempts) of \(number) is called \(lease.attempt)")
        }
        let isNamed = requests[index].isNamed
        if !isNamed { try checkName(of: lease, index) }
        guard isNamed || leases(on: server) + lease.slots <= servers[server].highestReported else {
            throw Violation(.slotsExist, "\(number) was sent to \(lease.address), which never had so many slots")
        }
        guard isNamed || scheduler.hasSlotsForAll(on: lease.upstream) else {
            throw Violation(.onlyIdle, "\(number) was sent to \(lease.address), all of whose slots are taken")
        }
        guard !drained.contains(lease.address) else {
            throw Violation(.drained, "\(number) was sent to \(lease.address), which is being drained")
        }
        guard let total = upstream(lease.upstream)?.slotsTotal,
            lease.slots == slots(of: requests[index].demand, total)
        else { throw Violation(.slotsExist, "\(number) got \(lease.slots) slots at \(lease.address)") }
        if !isNamed {
            try checkModel(of: requests[index], lease)
            try checkWork(of: requests[index], on: server)
            try checkRoom(for: requests[index], on: server)
        }
        if let objection = hearsay[server].objection(to: lease, at: now, lastTick: lastTick) {
            throw Violation(.onlyUsable, "\(number) was sent to \(lease.address), \(objection)")
        }
        try checkAvoidance(of: requests[index], lease, on: server)
        requests[index].waited += max(.zero, now - since)
        requests[index].passes = 0
        requests[index].leasedAt = clock
        requests[index].state = .leased(lease, server: server, since: now, hasStarted: false)
        try checkTenant(of: requests[index])
        let wasPassedOver = wasPassedOver(requests[index].demand.priority)
        if ticket != QueueTicket.none {
            keep(ticket)
            servedClasses[requests[index].demand.priority] = now
        }
        records[server].attention.used(at: clock)
        if !isNamed { dispatchedNow.append((lease.request, server, lease.slots, wasPassedOver)) }
    }

    /// A request is called by the name of the model that it has got.
    private mutating func checkName(of lease: Lease, _ index: Int) throws(Violation) {
        if let name = lease.model { return try learn(name, of: index) }
        guard requests[index].choice?.position == nil else {
            throw Violation(.onlyWhatIsListed, "\(lease.request.rawValue) keeps its alias where that is no name")
        }
    }

    /// What a server doesn't say that it serves is sent there only where nobody says so, and names don't decide.
    private func checkModel(of request: ExpectedRequest, _ lease: Lease) throws(Violation) {
        guard let upstream = upstream(lease.upstream),
            !scheduler.mayServe(upstream.id, request.demand)
                || request.model.map({ !upstream.models.contains($0) }) == true
        else { return }
        let names = Set(scheduler.snapshot(at: clock).upstreams.flatMap(\.models))
        let isFree = !profile.configuration.strictModels || names.isEmpty
        guard isFree, isForeign(request.model) || upstream.models.isEmpty || isOneModel else {
            let model = request.model ?? "no model"
            throw Violation(
                .rightModel,
                "\(request.id.rawValue) for \(model) was sent to where \(upstream.models) is served"
            )
        }
    }

    private func checkRefusal(of request: ExpectedRequest, _ work: ServerRole) throws(Violation) {
        guard request.demand.work == work, work != .completions else {
            throw Violation(.rightServer, "\(request.id.rawValue) was told that nobody does \(work)")
        }
    }

    /// A server started for other work gets a request only to generate text, and only if no other one can.
    private func checkWork(of request: ExpectedRequest, on server: Int) throws(Violation) {
        let work = request.demand.work
        guard let role = servers[server].role, role != work, heardRole(of: server) == role else { return }
        let others = servers.indices.filter {
            sharesModel($0, with: server) && (servers[$0].role ?? work) == work && heardRole(of: $0) == servers[$0].role
        }
        guard work == .completions, others.isEmpty else {
            throw Violation(.rightServer, "\(request.id.rawValue) for \(work) was sent to a server for \(role)")
        }
    }

    /// As the scheduler has it; nil: it knows no such server, or not what it was started for.
    private func heardRole(of server: Int) -> ServerRole? {
        upstream(at: servers[server].address)?.role
    }

    private func sharesModel(_ server: Int, with other: Int) -> Bool {
        guard let upstream = upstream(at: servers[server].address), upstream.agent != nil else { return false }
        return profile.models == 1 && servers[server].models == servers[other].models
            && upstream.models == servers[server].models
    }

    /// What has no room there goes to a larger one, if there is any that could take it.
    private func checkRoom(for request: ExpectedRequest, on server: Int) throws(Violation) {
        guard let context = servers[server].context, upstream(at: servers[server].address)?.contextSize == context,
            !fits(request.demand.size, context)
        else { return }
        guard largerServers(than: server).isEmpty else {
            throw Violation(.rightServer, "\(request.id.rawValue) has no room on \(server), and there is a larger one")
        }
    }

    /// That serve the same, have larger contexts and have said so.
    func largerServers(than server: Int) -> [Int] {
        servers.indices.filter {
            sharesModel($0, with: server) && servers[$0].role == servers[server].role
                && upstream(at: servers[$0].address)?.contextSize == servers[$0].context
                && (servers[$0].context ?? 0) > servers[server].context ?? .max
        }
    }

    /// Simulated texts never teach anybody how many tokens there are in a byte.
    private func fits(_ size: PromptSize, _ context: Int) -> Bool {
        (size.tokens > 0 ? size.tokens : size.text / 4) + min(size.generated, context / 2) <= context
    }

    /// Whether all that say what they serve, lost ones too, say one name in common.
    private var isOneModel: Bool {
        let snapshot = scheduler.snapshot(at: clock)
        let said = (snapshot.upstreams.map(\.models) + snapshot.lost.map(\.models)).filter { !$0.isEmpty }
        guard let first = said.first else { return true }
        return !said.reduce(Set(first)) { $0.intersection($1) }.isEmpty
    }

    private mutating func drained(_ agent: AgentID) throws(Violation) {
        told.insert(agent)
        guard leaving.contains(agent) else {
            throw Violation(.farewell, "\(agent) was told that its upstream is drained, and why?")
        }
        guard let upstream = scheduler.snapshot(at: now).upstreams.first(where: { $0.agent == agent }) else { return }
        guard upstream.slotsLeased == 0, upstream.isLeaving, !upstream.isUsable else {
            throw Violation(.farewell, "\(agent) was told too early that nothing runs on its upstream")
        }
    }

    private mutating func serverFound(
        for id: RequestID,
        _ upstream: UpstreamID,
        _ route: UpstreamRoute
    ) throws(Violation) {
        guard slotless.removeValue(forKey: id) != nil else {
            throw Violation(.theEndIsTheEnd, "request \(id.rawValue) doesn't wait for a server and was given one")
        }
        guard self.upstream(upstream)?.isUsable == true else {
            throw Violation(.onlyUsable, "request \(id.rawValue) was sent to \(route.address), which isn't usable")
        }
    }

    private mutating func rejectedSlotless(_ id: RequestID, _ rejection: Rejection, since: Instant) throws(Violation) {
        slotless[id] = nil
        switch rejection {
        case .noServer:
            let limit = min(profile.configuration.slotlessTimeout, profile.configuration.queueTimeout)
            guard now + .milliseconds(1) >= since + limit else {
                throw Violation(.deadlines, "request \(id.rawValue) was told too early that there is no server")
            }
        case .shuttingDown:
            guard phase == .closed else {
                throw Violation(.shutdown, "request \(id.rawValue) was rejected before the shutdown")
            }
        case .queueFull, .modelQueueFull, .tenantQueueFull, .tenantBusy, .waitTooLong, .waitedTooLong,
            .attemptsExhausted, .unknownModel,
            .modelNotNamed, .workNotServed, .modelFailed:
            throw Violation(.theEndIsTheEnd, "request \(id.rawValue) waited and was rejected: \(rejection)")
        }
    }

    private mutating func rejected(_ id: RequestID, _ rejection: Rejection) throws(Violation) {
        if let since = slotless[id] { return try rejectedSlotless(id, rejection, since: since) }
        guard let index = requests.firstIndex(where: { $0.id == id }),
            case .queued(let ticket, _, let deadline) = requests[index].state
        else { throw Violation(.theEndIsTheEnd, "request \(id.rawValue) doesn't wait and was rejected") }
        switch rejection {
        case .waitedTooLong:
            // The shell's threads don't agree on the time, and each attempt's wait is measured by two of them.
            guard now + .milliseconds(1 + requests[index].attempts) >= deadline else {
                throw Violation(.deadlines, "request \(id.rawValue) was rejected \(deadline - now) too early")
            }
        case .shuttingDown:
            guard phase == .closed else {
                throw Violation(.shutdown, "request \(id.rawValue) was rejected before the shutdown")
            }
        case .modelNotNamed:
            guard requests[index].model == nil, profile.configuration.defaultModel == nil else {
                throw Violation(.rightModel, "request \(id.rawValue) names a model and was told that it names none")
            }
        case .workNotServed(let work, _): try checkRefusal(of: requests[index], work)
        case .queueFull, .modelQueueFull, .tenantQueueFull, .tenantBusy, .waitTooLong, .noServer, .attemptsExhausted,
            .unknownModel, .modelFailed:
            throw Violation(.theEndIsTheEnd, "request \(id.rawValue) waited and was rejected: \(rejection)")
        }
        requests.remove(at: index)
        keep(ticket)
    }

    func checkRejectedRetry(_ rejection: Rejection, of request: ExpectedRequest) throws(Violation) {
        switch rejection {
        case .attemptsExhausted(let attempts):
            guard attempts == request.timesBrokenOff, attempts >= profile.configuration.maximumAttempts else {
                throw Violation(.attempts, "request \(request.id.rawValue) was given up too early")
            }
        case .waitedTooLong:
            guard request.waited + .milliseconds(10) >= profile.configuration.queueTimeout else {
                throw Violation(
                    .deadlines,
                    "request \(request.id.rawValue) was given up after waiting \(request.waited)"
                )
            }
        case .shuttingDown:
            guard phase == .closed else {
                throw Violation(.shutdown, "request \(request.id.rawValue) was refused its place")
            }
        case .modelNotNamed:
            guard request.model == nil, profile.configuration.defaultModel == nil else {
                throw Violation(
                    .rightModel,
                    "request \(request.id.rawValue) names a model and was told that it names none"
                )
            }
        case .workNotServed(let work, _): try checkRefusal(of: request, work)
        case .queueFull, .modelQueueFull, .tenantQueueFull, .tenantBusy, .waitTooLong, .noServer, .unknownModel,
            .modelFailed:
            throw Violation(.queueLimit, "request \(request.id.rawValue) was refused its place by a full queue")
        }
    }

    /// Those that wait and came earlier may be passed by only for an upstream that broke them off, while they are held for
    /// another one, or by a request whose prompt lies there; the first of them that isn't held three times in a row at most.
    mutating func checkOrder() throws(Violation) {
        guard !dispatchedNow.isEmpty else { return }
        for dispatch in dispatchedNow {
            var isFirst = true
            guard let served = requests.first(where: { $0.id == dispatch.request }) else { continue }
            for index in requests.indices where requests[index].isQueued {
                let request = requests[index]
                guard let upstream = upstream(at: servers[dispatch.server].address),
                    scheduler.mayServe(upstream.id, request.demand)
                else { continue }
                guard comes(request, before: served, passedOver: dispatch.wasPassedOver) else {
                    requests[index].passes = 0
                    continue
                }
                guard !isAtLimit(request) else { continue }
                guard request.lastBrokenOffBy != dispatch.server, fits(request, at: upstream) else { continue }
                let hold = hold(of: request)
                guard hold == nil || hold?.upstream == upstream.id else { continue }
                guard hasPrompt(of: dispatch.request, on: dispatch.server),
                    served.demand.priority <= request.demand.priority
                else {
                    throw Violation(.order, "\(request.id.rawValue) waits and \(dispatch.request.rawValue) was let by")
                }
                guard hold == nil, request.demand.slots == 1 else { continue }
                requests[index].passes += 1
                // Where there are several pools, each has its own first.
                if isFirst, requests[index].passes > 3 * profile.mostPools {
                    throw Violation(.order, "\(request.id.rawValue) was passed by \(requests[index].passes) times")
                }
                isFirst = false
            }
        }
        dispatchedNow.removeAll(keepingCapacity: true)
    }

    /// Whether so many slots as it takes were idle there, or given to those who came later; of those that take several only
    /// the first matters.
    private func fits(_ request: ExpectedRequest, at upstream: UpstreamSnapshot) -> Bool {
        guard request.demand.slots > 1 else { return !scheduler.isKept(upstream.id) }
        // Whose turn it is among tenants is the books' matter.
        guard profile.tenants.isEmpty else { return false }
        let first = requests.first {
            $0.isQueued && $0.demand.slots > 1 && scheduler.mayServe(upstream.id, $0.demand)
        }
        let given = dispatchedNow.reduce(0) { given, other in
            let isLater = other.request.rawValue > request.id.rawValue
            return isLater && servers[other.server].address == upstream.address ? given + other.slots : given
        }
        let most = scheduler.snapshot(at: clock).upstreams
            .filter { $0.isUsable && scheduler.mayServe($0.id, request.demand) }
            .reduce(1) { max($0, $1.slotsTotal) }
        return first?.id == request.id && upstream.slotsIdle + given >= slots(of: request.demand, most)
    }

    /// As many as a server has at most; one, if it has fewer than answers are wanted at one time: it refuses these.
    private func slots(of demand: RequestDemand, _ total: Int) -> Int {
        demand.answers > max(1, total) ? 1 : min(demand.slots, max(1, total))
    }

    func hold(of request: ExpectedRequest) -> (upstream: UpstreamID, end: Instant, patience: Duration)? {
        guard case .queued(let ticket, _, _) = request.state else { return nil }
        return scheduler.hold(of: ticket)
    }

    private func hasPrompt(of request: RequestID, on server: Int) -> Bool {
        guard profile.configuration.balance.followsPrompts, server < prompts.count,
            let trail = requests.first(where: { $0.id == request })?.demand.trail
        else { return false }
        return prompts[server].contains(trail.hashes[0])
    }

    func check() throws(Violation) {
        let violations = scheduler.violations()
        guard violations.isEmpty else { throw Violation(.books, violations) }
        var queued = 0
        for request in requests where request.isQueued { queued += 1 }
        guard scheduler.queuedCount == queued, scheduler.leasedCount == requests.count - queued else {
            throw Violation(
                .nothingIsLost,
                "\(scheduler.queuedCount) wait and \(scheduler.leasedCount) run of \(requests.count)"
            )
        }
        guard profile.hasForeigners || scheduler.foreignCount == 0 else {
            throw Violation(.noPhantoms, "others were seen where there are none")
        }
        try checkHolds()
        try checkChoices()
        try checkFarewells()
    }

    /// Those that are held have much more of their prompt there than where a slot is idle.
    private func checkHolds() throws(Violation) {
        for request in requests {
            guard let hold = hold(of: request) else { continue }
            guard profile.configuration.balance.followsPrompts, request.attempts == 0,
                let upstream = upstream(hold.upstream), upstream.isUsable,
                upstream.slotsIdle <= 0 || scheduler.isKept(upstream.id),
                scheduler.mayServe(upstream.id, request.demand)
            else { throw Violation(.holding, "\(request.id.rawValue) is held for nothing") }
        }
    }

    /// Before a tick.
    mutating func noteIdleBesideHeld() {
        for index in requests.indices {
            let request = requests[index]
            guard hold(of: request) != nil, hasIdleSlot(for: request.demand) else {
                requests[index].idleBesideSince = nil
                continue
            }
            requests[index].idleBesideSince = request.idleBesideSince ?? now
        }
    }

    private func hasIdleSlot(for demand: RequestDemand) -> Bool {
        scheduler.snapshot(at: clock).upstreams.contains {
            $0.isUsable && $0.slotsIdle > 0 && !scheduler.isKept($0.id) && scheduler.mayServe($0.id, demand)
        }
    }

    /// After a tick.
    mutating func checkDeadlines() throws(Violation) {
        coolingEnds.removeAll { $0 <= now }
        guard scheduler.coolingCount <= coolingEnds.count else {
            throw Violation(.cooling, "a slot cools for too long")
        }
        try checkPolls()
        try checkFallbacksDue()
        for request in requests {
            // Waits are measured by threads that don't agree on the time, up to 1 ms in each attempt.
            let slack = Duration.milliseconds(2 + request.attempts)
            if let hold = hold(of: request), hold.end + slack <= now {
                throw Violation(
                    .holding,
                    "\(request.id.rawValue) is held, although its time was up \(now - hold.end) ago"
                )
            }
            if let hold = hold(of: request), let since = request.idleBesideSince, since + hold.patience + slack <= now {
                throw Violation(.holding, "\(request.id.rawValue) is held beside an idle slot for \(now - since)")
            }
            guard case .queued(_, _, let deadline) = request.state, deadline + slack <= now else { continue }
            throw Violation(.deadlines, "\(request.id.rawValue) should have been rejected \(now - deadline) ago")
        }
    }

    private func checkFarewells() throws(Violation) {
        guard !leaving.isEmpty else { return }
        for upstream in scheduler.snapshot(at: now).upstreams where upstream.isLeaving && upstream.slotsLeased == 0 {
            guard let agent = upstream.agent, !told.contains(agent) else { continue }
            throw Violation(.farewell, "\(agent) waits to be told that nothing runs on its upstream")
        }
    }

    /// llama-server gives requests whose client has left up when it has been left in peace for a second.
    private static let shortestPollInterval = Duration.milliseconds(1250)

    private mutating func polled(_ agent: AgentID) throws(Violation) {
        if let upstream = scheduler.snapshot(at: now).upstreams.first(where: { $0.agent == agent }),
            let server = servers.firstIndex(where: { $0.address == upstream.address })
        {
            guard records[server].lastPoll + Self.shortestPollInterval <= clock else {
                throw Violation(.polls, "\(agent) is asked again and again, so that no request there is ever given up")
            }
            records[server].lastPoll = clock
            records[server].attention = .regular
        }
        sampleAndMail(agent)
    }

    /// Where an agent rests, it is asked soon after something was sent there.
    private func checkRest() throws(Violation) {
        for (server, record) in zip(servers, records) {
            guard case .wanted(let since) = record.attention,
                max(since, record.lastPoll) + Self.shortestPollInterval * 2 <= clock,
                upstream(at: server.address)?.agent != nil
            else { continue }
            throw Violation(.polls, "\(server.address) is used while its agent rests, and nobody asks for a look")
        }
    }

    /// Where a slot cools, the agent is asked soon, and then again and again.
    private func checkPolls() throws(Violation) {
        try checkRest()
        guard scheduler.coolingCount > 0 else { return }
        let interval = profile.configuration.coolingPollInterval
        let begin = clock - interval - Self.shortestPollInterval
        for upstream in scheduler.snapshot(at: clock).upstreams where upstream.slotsCooling > 0 && upstream.agent != nil
        {
            guard let server = servers.firstIndex(where: { $0.address == upstream.address }) else { continue }
            let record = records[server]
            guard record.ownedSince <= begin, record.lastCooling <= begin, record.lastPoll + interval <= clock else {
                continue
            }
            throw Violation(.polls, "a slot of \(upstream.address) cools and nobody asks whether it is idle")
        }
    }

    func leases(on server: Int) -> Int {
        var count = 0
        for request in requests {
            if case .leased(let lease, server, _, _) = request.state { count += lease.slots }
        }
        return count
    }
}
