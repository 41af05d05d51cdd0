import LlamaServer
import Scheduling
import SeededRandom

// What clients and the shell do with requests.

extension Simulation {
    mutating func submit() throws(Violation) {
        guard requests.count < profile.crowd else { return }
        if random.chance(profile.named) { return try submitNamed() }
        lastRequest += 1
        let id = RequestID(rawValue: lastRequest)
        let model = someModel()
        let asked = profile.demand(for: model, &random)
        let choice = list(of: model).map { names in
            let position = scheduler.hasSeveralModels ? position(in: names) : nil
            let due = position == nil ? nil : profile.rules.fallbackAfter.map { now + $0 }
            return ExpectedChoice(names: names, position: position, since: now, due: due)
        }
        var demand = asked
        if let name = choice?.name { demand.model = name }
        let waiting = scheduler.queuedCount(for: demand) + scheduler.slotlessCount
        let limit = maximumQueued(for: demand)
        let (mayWait, hasOwnPlace) = (mayWait(demand.terms), hasOwnPlace(demand.terms))
        let found = scheduler.snapshot(at: clock).upstreams.map { ($0.id, scheduler.promptFound(demand, at: $0.id)) }
        let time = someNow()
        let explanation = scheduler.explain(asked, limit: 1, at: time)
        let submission = scheduler.submit(id, for: asked, at: time)
        var slots = demand.slots > 1 ? " with \(demand.slots) slots" : ""
        if let terms = demand.terms { slots += " of tenant \(terms.tenant.number), class \(demand.priority)" }
        trace.note("\(id.rawValue) for \(model ?? "any model")\(slots) \(submission.words)")
        try check(explanation, submission)
        switch submission {
        case .dispatch(let lease):
            requests.append(newRequest(id, for: demand, choice))
            try dispatched(lease)
            try checkChoice(lease, Dictionary(uniqueKeysWithValues: found))
        case .queued(let ticket):
            guard waiting < limit || hasOwnPlace else { throw Violation(.queueLimit, "queued beyond the limit") }
            guard mayWait || scheduler.hold(of: ticket) != nil else {
                throw Violation(.tenantLimits, "\(id.rawValue) waits, and enough of its tenant's do")
            }
            if !requests.contains(where: { $0.isQueued && $0.demand.priority == demand.priority }) {
                servedClasses[demand.priority] = now
            }
            var request = newRequest(id, for: demand, choice)
            let deadline = now + max(profile.configuration.queueTimeout, .milliseconds(1))
            request.state = .queued(ticket, since: now, deadline: deadline)
            requests.append(request)
            try learnChoices()
        case .reject(.queueFull), .reject(.modelQueueFull):
            guard waiting >= limit, !hasOwnPlace || limit == 0 else {
                throw Violation(.queueLimit, "rejected below the limit")
            }
        case .reject(.tenantQueueFull):
            guard !mayWait else {
                throw Violation(.tenantLimits, "\(id.rawValue) was rejected, and few of its tenant's wait")
            }
        case .reject(.shuttingDown):
            guard phase != .accepting else { throw Violation(.shutdown, "rejected for a shutdown that isn't") }
        case .reject(.unknownModel(_, let known)):
            guard choice?.names.allSatisfy(isForeign) ?? isForeign(model), !known.isEmpty else {
                throw Violation(.rightModel, "\(model ?? "no model") is unknown, although somebody serves it")
            }
        case .reject(.modelNotNamed):
            guard model == nil, profile.configuration.defaultModel == nil else {
                throw Violation(
                    .rightModel,
                    "a request names \(model ?? "the default") and was told that it names none"
                )
            }
        case .reject(.workNotServed(let work, _)):
            guard asked.work == work, work != .completions else {
                throw Violation(.rightServer, "a request for \(asked.work) was told that nobody does \(work)")
            }
        case .reject(let rejection):
            throw Violation(.theEndIsTheEnd, "a new request was rejected: \(rejection)")
        }
        if case .reject(.unknownModel) = submission { return }
        if case .reject(.modelNotNamed) = submission { return }
        if case .reject(.workNotServed) = submission { return }
        if phase != .accepting, case .reject = submission { return }
        guard phase == .accepting else { throw Violation(.shutdown, "a new request was accepted during the shutdown") }
    }

    /// Its client has chosen the server.
    private mutating func submitNamed() throws(Violation) {
        let server = random.below(servers.count)
        guard let upstream = upstream(at: servers[server].address) else { return }
        lastRequest += 1
        let id = RequestID(rawValue: lastRequest)
        let model = someModel()
        let demand = profile.demand(for: model, &random)
        let time = someNow()
        let explanation = scheduler.explain(demand, on: upstream.id, limit: 1, at: time)
        let submission = scheduler.submit(id, on: upstream.id, for: demand, at: time)
        trace.note("\(id.rawValue) on \(server) \(submission.words)")
        try check(explanation, submission)
        switch submission {
        case .dispatch(let lease):
            guard phase == .accepting else {
                throw Violation(.shutdown, "a new request was accepted during the shutdown")
            }
            guard lease.upstream == upstream.id else {
                throw Violation(.onlyUsable, "\(id.rawValue) is for \(upstream.address) and went to \(lease.address)")
            }
            var request = newRequest(id, for: demand)
            request.isNamed = true
            requests.append(request)
            try dispatched(lease)
        case .queued: throw Violation(.nothingIsLost, "\(id.rawValue) is for one server and waits for any")
        case .reject(.shuttingDown):
            guard phase != .accepting else { throw Violation(.shutdown, "rejected for a shutdown that isn't") }
        case .reject(.tenantBusy(let limit)):
            guard demand.terms?.maximumRunning == limit else {
                throw Violation(.tenantLimits, "\(id.rawValue) was rejected for a limit that isn't its tenant's")
            }
        case .reject(.noServer):
            guard !upstream.isUsable else {
                throw Violation(.onlyUsable, "\(upstream.address) was refused and is usable")
            }
        case .reject(.queueFull):
            guard -upstream.slotsIdle >= profile.configuration.maximumQueued || upstream.slotsIdle <= 0 else {
                throw Violation(.queueLimit, "\(id.rawValue) was rejected below the limit")
            }
        case .reject(let rejection):
            throw Violation(.theEndIsTheEnd, "a new request was rejected: \(rejection)")
        }
    }

    mutating func cancelOne() throws(Violation) {
        guard let index = anyIndex(where: { $0.isQueued }), case .queued(let ticket, _, _) = requests[index].state
        else { return }
        trace.note("cancel \(requests[index].id.rawValue)")
        let (wasThere, decisions) = scheduler.cancel(ticket, at: someNow())
        guard wasThere else { throw Violation(.nothingIsLost, "a queued request can't be cancelled") }
        requests.remove(at: index)
        keep(ticket)
        try carryOut(decisions)
    }

    /// A request that has its slot comes one step further, or to an end.
    mutating func advanceOne() throws(Violation) {
        guard let index = anyIndex(where: { !$0.isQueued }),
            case .leased(let lease, let server, let since, let hasStarted) = requests[index].state
        else { return }
        if !hasStarted {
            switch servers[server].life {
            case .dead: return try retry(index, .connectFailed)
            case .loading: return try retry(index, .unavailable)
            case .up:
                if random.chance(profile.faults) { return try retry(index, .connectFailed) }
                if random.chance(10) { return try end(index, .clientLeft(runsOn: .no)) }
                if random.chance(5) { return try end(index, .unsent) }
                servers[server].startOwn(lease.slots)
                trace.note("\(lease.request.rawValue) starts on \(server)")
                requests[index].state = .leased(lease, server: server, since: since, hasStarted: true)
            }
            return
        }
        if random.chance(10), try haveNoRoom(index) { return }
        if random.chance(profile.breaks) {
            if random.chance(30) { breakIsHeardOf(index) }
            return try random.chance(20) ? dieTogether(index) : retry(index, .brokenOff)
        }
        if random.chance(profile.faults) {
            return try end(index, profile.hasForeigners && random.chance(30) ? .timedOut : .failed)
        }
        if random.chance(15) {
            return try end(
                index,
                .clientLeft(runsOn: profile.hasForeigners ? random.pick([.no, .briefly, .untilItLooks]) : .no)
            )
        }
        try end(index, .answered)
    }

    mutating func end(_ index: Int, _ outcome: Outcome) throws(Violation) {
        guard case .leased(let lease, let server, let since, let hasStarted) = requests[index].state else { return }
        let request = requests.remove(at: index)
        if let first = request.demand.trail?.hashes.first {
            while prompts.count <= server { prompts.append([]) }
            prompts[server].insert(first)
        }
        let mayStillRun =
            switch outcome {
            case .answered, .failed, .serverDied, .unsent: false
            case .timedOut: true
            case .clientLeft(let runsOn): runsOn != .no
            }
        let failure: Failure? =
            switch outcome {
            case .failed, .timedOut: .brokenOff
            case .serverDied: .connectFailed
            case .answered, .unsent, .clientLeft: nil
            }
        if hasStarted { endJob(of: lease.slots, on: server, leavesGhost: mayStillRun) }
        if let failure {
            let ejection = failure == .brokenOff ? nil : profile.configuration.ejectionFirst
            hearsay[server].failed(lease.upstream, leased: since, at: now, ejectedFor: ejection)
        }
        records[server].quietSince = now
        let cooling = scheduler.coolingCount
        let time = someNow()
        let before = failure == nil ? nil : upstream(lease.upstream)
        let (submission, decisions) =
            outcome == .serverDied
            ? scheduler.serverDied(lease, at: time)
            : (nil, scheduler.finished(lease, outcome, use: use(of: outcome), at: time))
        guard submission == nil else {
            throw Violation(.suspects, "\(lease.request.rawValue) may have ended \(server) and is sent on")
        }
        if outcome == .answered { records[server].answered(whatWasSentAt: request.leasedAt) }
        if outcome == .failed { records[server].brokeOff(at: clock) }
        if mayStillRun {
            self.cooling[lease.request] = lease.slots
            coolingEnds.append(now + profile.configuration.coolingLimit)
            records[server].lastCooling = clock
            guard scheduler.coolingCount == cooling + 1 else {
                throw Violation(.cooling, "a slot that may be busy is free")
            }
        }
        try checkEjection(on: server, after: failure ?? .brokenOff, before: before)
        trace.note("\(lease.request.rawValue) on \(server) \(outcome)\(decisions.words)")
        keep(lease)
        try carryOut(decisions)
    }

    mutating func retry(_ index: Int, _ failure: Failure) throws(Violation) {
        // Nobody else is asked instead.
        if requests[index].isNamed { return try end(index, failure == .brokenOff ? .failed : .serverDied) }
        guard case .leased(let lease, let server, let since, let hasStarted) = requests[index].state else { return }
        if hasStarted { endJob(of: lease.slots, on: server, leavesGhost: profile.hasForeigners && random.chance(20)) }
        records[server].quietSince = now
        let time = someNow()
        let before = upstream(lease.upstream)
        if failure == .brokenOff {
            isBrokenOff(index, by: lease.upstream, on: server, before)
        } else {
            requests[index].waited += max(.zero, now - since)
        }
        let ejection = failure == .brokenOff ? nil : profile.configuration.ejectionFirst
        hearsay[server].failed(lease.upstream, leased: since, at: now, ejectedFor: ejection)
        let (submission, decisions) = scheduler.retry(lease, after: failure, at: time)
        if failure == .brokenOff { records[server].brokeOff(at: clock) }
        trace.note(
            "\(lease.request.rawValue) on \(server) \(failure), \(submission?.words ?? "stale")\(decisions.words)"
        )
        keep(lease)
        try checkEjection(on: server, after: failure, before: before)
        guard let submission else { throw Violation(.givenBackOnce, "a good lease was taken for a stale one") }
        try goOn(index, submission)
        try carryOut(decisions)
    }

    private mutating func isBrokenOff(
        _ index: Int,
        by upstream: UpstreamID,
        on server: Int,
        _ before: UpstreamSnapshot?
    ) {
        requests[index].timesBrokenOff += 1
        requests[index].lastBrokenOffBy = server
        // One that is ejected begins a new life when that is over.
        let isEjected = before?.ejectedFor != nil
        requests[index].avoided = isEjected ? nil : .init(upstream: upstream, life: records[server].lives)
    }

    /// The shell tells of a break before it knows whether the server is still there.
    private mutating func breakIsHeardOf(_ index: Int) {
        guard case .leased(let lease, let server, _, _) = requests[index].state else { return }
        scheduler.brokeOff(lease.upstream, at: someNow())
        guard upstream(lease.upstream) != nil else { return }
        records[server].brokeOff(at: clock)
        trace.note("\(server) breaks off \(lease.request.rawValue)")
    }

    /// The server is gone when it has broken a request off.
    private mutating func dieTogether(_ index: Int) throws(Violation) {
        guard case .leased(let lease, let server, let since, _) = requests[index].state else { return }
        let request = requests[index]
        let isSuspect = request.isNamed || records[server].firstBreak.map { $0 > request.leasedAt } ?? true
        guard !isSuspect else { return try end(index, .serverDied) }
        endJob(of: lease.slots, on: server, leavesGhost: false)
        records[server].quietSince = now
        let time = someNow()
        let before = upstream(lease.upstream)
        isBrokenOff(index, by: lease.upstream, on: server, before)
        let ejection = profile.configuration.ejectionFirst
        hearsay[server].failed(lease.upstream, leased: since, at: now, ejectedFor: ejection)
        let (submission, decisions) = scheduler.serverDied(lease, at: time)
        trace.note(
            "\(lease.request.rawValue) on \(server), gone before, \(submission?.words ?? "ends")\(decisions.words)"
        )
        keep(lease)
        try checkEjection(on: server, after: .connectFailed, before: before)
        guard let submission else {
            throw Violation(
                .suspects,
                "\(lease.request.rawValue) came to \(server) when that had broken off, and was blamed"
            )
        }
        try goOn(index, submission)
        try carryOut(decisions)
    }

    /// A server says that it has no room for a prompt, whatever was thought of it.
    ///
    /// - Returns: false if that is the answer.
    private mutating func haveNoRoom(_ index: Int) throws(Violation) -> Bool {
        guard !requests[index].isNamed, case .leased(let lease, let server, let since, _) = requests[index].state,
            let context = servers[server].context
        else { return false }
        let tokens = random.pick([0, context + 1, context * 3])
        let heard = upstream(lease.upstream)?.contextSize
        guard let (submission, decisions) = scheduler.findRoom(lease, tokens: tokens, at: someNow()) else {
            guard heard != context || largerServers(than: server).isEmpty else {
                throw Violation(.rightServer, "\(lease.request.rawValue) isn't sent on from \(server) to a larger one")
            }
            return false
        }
        trace.note(
            "\(lease.request.rawValue) has no room on \(server): \(tokens), \(submission.words)\(decisions.words)"
        )
        endJob(of: lease.slots, on: server, leavesGhost: false)
        records[server].quietSince = now
        requests[index].waited += max(.zero, now - since)
        requests[index].demand.size.tokens = max(tokens, (heard ?? 0) + 1)
        keep(lease)
        try goOn(index, submission)
        try carryOut(decisions)
        return true
    }

    /// A request whose lease has ended before its time.
    private mutating func goOn(_ index: Int, _ submission: Submission) throws(Violation) {
        let expected = requests[index]
        if case .reject = submission {} else { try checkThatItMayBeTriedAgain(index) }
        switch submission {
        case .dispatch(let next):
            requests[index].state = .queued(QueueTicket.none, since: now, deadline: now)
            try dispatched(next)
        case .queued(let ticket):
            let left = max(profile.configuration.queueTimeout - expected.waited, .milliseconds(1))
            requests[index].choice?.since = now
            if requests[index].choice?.position != nil {
                requests[index].choice?.due = profile.rules.fallbackAfter.map { now + $0 }
            }
            requests[index].state = .queued(ticket, since: now, deadline: now + left)
        case .reject(let rejection):
            requests.remove(at: index)
            try checkRejectedRetry(rejection, of: expected)
        }
    }

    /// What has been given back before must not do anything when it is given back again.
    mutating func useSomethingStale() throws(Violation) {
        if let lease = oldLeases.randomElement(using: &random) {
            let decisions = scheduler.finished(lease, .answered, at: exactNow())
            let (submission, others) = scheduler.retry(lease, after: .brokenOff, at: exactNow())
            guard decisions.isEmpty, others.isEmpty, submission == nil else {
                throw Violation(.givenBackOnce, "a lease of request \(lease.request.rawValue) was accepted twice")
            }
        }
        if let ticket = oldTickets.randomElement(using: &random), scheduler.cancel(ticket, at: exactNow()).wasThere {
            throw Violation(.givenBackOnce, "a ticket was accepted twice")
        }
    }

    private mutating func checkThatItMayBeTriedAgain(_ index: Int) throws(Violation) {
        let request = requests[index]
        guard request.timesBrokenOff < profile.configuration.maximumAttempts else {
            throw Violation(.attempts, "\(request.id.rawValue) is sent again after \(request.timesBrokenOff) attempts")
        }
        let limit = profile.configuration.queueTimeout
        // Waits are measured by threads that don't agree on the time, up to 1 ms in each attempt.
        let slack = Duration.milliseconds(2 + request.attempts)
        guard !request.hadLastChance || request.waited < limit + slack else {
            throw Violation(.deadlines, "\(request.id.rawValue) has waited \(request.waited) and gets another chance")
        }
        if request.waited >= limit + slack { requests[index].hadLastChance = true }
    }

    private mutating func use(of outcome: Outcome) -> ReportedUsage? {
        guard outcome == .answered, random.chance(80) else { return nil }
        let cached = random.below(1000)
        return ReportedUsage(
            promptComputed: 1000 - cached,
            promptCached: cached,
            generated: random.below(100),
            promptMilliseconds: random.pick([nil, 10, 1000, 100_000])
        )
    }

    /// A new request goes where most is idle, or where the smallest share of the slots is in use.
    ///
    /// - Parameter found: how much of its prompt lay where before.
    private func checkChoice(_ lease: Lease, _ found: [UpstreamID: Int]) throws(Violation) {
        guard let demand = requests.last(where: { $0.id == lease.request })?.demand else { return }
        let upstreams = scheduler.snapshot(at: clock).upstreams
            .filter { $0.isUsable && scheduler.mayServe($0.id, demand) }
        guard let chosen = upstreams.first(where: { $0.id == lease.upstream }) else { return }
        let better = upstreams.filter { other in
            guard other.id != chosen.id, other.slotsIdle >= lease.slots, other.slotsTotal >= lease.slots,
                !scheduler.isKept(other.id),
                demand.slots == 1 || !requests.contains(where: { hold(of: $0)?.upstream == other.id })
            else { return false }
            return other.isSleeping == chosen.isSleeping
                ? isLessBusy(other, than: chosen, of: lease.slots) : chosen.isSleeping
        }
        // Of those that are least busy one was compared with it.
        let least = better.filter { one in
            !better.contains { isLessBusy($0, than: one) }
        }
        let isWarm = least.contains { found[$0.id, default: 0] < found[chosen.id, default: 0] }
        guard let other = better.first, !isWarm else { return }
        throw Violation(.leastBusyFirst, "\(chosen.address) was chosen instead of \(other.address)")
    }

    /// - Parameter slots: of the chosen one, which a new request takes.
    private func isLessBusy(_ other: UpstreamSnapshot, than chosen: UpstreamSnapshot, of slots: Int = 0) -> Bool {
        switch profile.configuration.balance {
        case .mostIdle:
            other.slotsIdle * other.weight > (chosen.slotsIdle + slots) * chosen.weight
        case .cacheAware, .session, .leastBusy:
            share(other.slotsProcessing, other) < share(chosen.slotsProcessing - slots, chosen)
        }
    }

    /// How much of what an upstream is worth is in use, counted in whole 1,048,575ths as the order of picking does.
    private func share(_ processing: Int, _ upstream: UpstreamSnapshot) -> Int {
        max(0, processing + 1 - worth(upstream)) * 1_048_575
            / (max(upstream.slotsTotal, processing, 1) * worth(upstream))
    }

    private func worth(_ upstream: UpstreamSnapshot) -> Int { upstream.weight * upstream.speed }

    private mutating func endJob(of slots: Int, on server: Int, leavesGhost: Bool) {
        // A server that was started again may run fewer of them.
        let slots = min(slots, servers[server].own)
        if leavesGhost {
            servers[server].own -= slots
            servers[server].ghosts += slots
        } else {
            let linger = Duration.milliseconds(random.below(90))
            servers[server].endOwn(slots, lingerUntil: now + linger, at: now)
        }
    }

    private func newRequest(
        _ id: RequestID,
        for demand: RequestDemand,
        _ choice: ExpectedChoice? = nil
    ) -> ExpectedRequest {
        var request = ExpectedRequest(
            id: id,
            demand: demand,
            state: .queued(QueueTicket.none, since: now, deadline: now)
        )
        request.choice = choice
        return request
    }

    private mutating func someModel() -> String? {
        if !profile.rules.aliases.isEmpty, random.chance(40) { return random.pick(["x0", "x1", "any"]) }
        return switch random.below(10) {
        case 0: nil
        case 1: random.pick(["any", "unheard-of"])
        default: "m\(random.below(profile.models))"
        }
    }

    /// Whether nobody that the scheduler knows, or lost, serves what goes by this name.
    func isForeign(_ model: String?) -> Bool {
        guard let model = model ?? profile.configuration.defaultModel else { return true }
        let snapshot = scheduler.snapshot(at: clock)
        return !snapshot.upstreams.contains { $0.models.contains(model) }
            && !snapshot.lost.contains { $0.models.contains(model) }
    }

    private mutating func anyIndex(where matches: (ExpectedRequest) -> Bool) -> Int? {
        guard !requests.isEmpty else { return nil }
        let start = random.below(requests.count)
        return requests[start...].firstIndex(where: matches) ?? requests[..<start].firstIndex(where: matches)
    }

    private mutating func keep(_ lease: Lease) {
        if oldLeases.count == 8 { oldLeases.remove(at: random.below(8)) }
        oldLeases.append(lease)
    }

    mutating func keep(_ ticket: QueueTicket) {
        if oldTickets.count == 8 { oldTickets.remove(at: random.below(8)) }
        oldTickets.append(ticket)
    }
}
