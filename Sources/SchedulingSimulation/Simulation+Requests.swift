import Scheduling

// What clients and the shell do with requests.

extension Simulation {
    mutating func submit() throws(Violation) {
        guard requests.count < profile.crowd else { return }
        lastRequest += 1
        let id = RequestID(rawValue: lastRequest)
        let waiting = scheduler.queuedCount
        let submission = scheduler.submit(id, at: someNow())
        trace.note("submit \(id.rawValue): \(submission)")
        switch submission {
        case .dispatch(let lease):
            requests.append(newRequest(id))
            try dispatched(lease)
        case .queued(let ticket):
            guard waiting < profile.configuration.maximumQueued else { throw Violation("queued beyond the limit") }
            var request = newRequest(id)
            let deadline = now + max(profile.configuration.queueTimeout, .milliseconds(1))
            request.state = .queued(ticket, since: now, deadline: deadline)
            requests.append(request)
        case .reject(.queueFull):
            guard waiting >= profile.configuration.maximumQueued else { throw Violation("rejected below the limit") }
        case .reject(.shuttingDown):
            guard phase != .accepting else { throw Violation("rejected for a shutdown that isn't") }
        case .reject(let rejection):
            throw Violation("a new request was rejected: \(rejection)")
        }
        if phase != .accepting, case .reject = submission { return }
        guard phase == .accepting else { throw Violation("a new request was accepted during the shutdown") }
    }

    mutating func cancelOne() throws(Violation) {
        guard let index = anyIndex(where: { $0.isQueued }), case .queued(let ticket, _, _) = requests[index].state
        else { return }
        trace.note("cancel \(requests[index].id.rawValue)")
        guard scheduler.cancel(ticket, at: someNow()) else { throw Violation("a queued request can't be cancelled") }
        requests.remove(at: index)
        keep(ticket)
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
                if random.chance(10) { return try end(index, .clientLeft(mayStillRun: false)) }
                servers[server].startOwn()
                trace.note("\(lease.request.rawValue) starts on \(server)")
                requests[index].state = .leased(lease, server: server, since: since, hasStarted: true)
            }
            return
        }
        if random.chance(profile.breaks) { return try retry(index, .brokenOff) }
        if random.chance(profile.faults) { return try end(index, .failed) }
        if random.chance(15) {
            return try end(index, .clientLeft(mayStillRun: profile.hasForeigners && random.chance(50)))
        }
        try end(index, .answered)
    }

    mutating func end(_ index: Int, _ outcome: Outcome) throws(Violation) {
        guard case .leased(let lease, let server, let since, let hasStarted) = requests[index].state else { return }
        requests.remove(at: index)
        if hasStarted { endJob(on: server, leavesGhost: outcome == .clientLeft(mayStillRun: true)) }
        if outcome == .failed { hearsay[server].failed(lease.upstream, leased: since, at: now, ejectedFor: nil) }
        let cooling = scheduler.coolingCount
        let decisions = scheduler.finished(lease, outcome, at: someNow())
        if outcome == .clientLeft(mayStillRun: true) {
            coolingEnds.append(now + profile.configuration.coolingLimit)
            guard scheduler.coolingCount == cooling + 1 else { throw Violation("a slot that may be busy is free") }
        }
        trace.note("\(lease.request.rawValue) on \(server) \(outcome): \(Array(decisions))")
        keep(lease)
        try carryOut(decisions)
    }

    mutating func retry(_ index: Int, _ failure: Failure) throws(Violation) {
        guard case .leased(let lease, let server, let since, let hasStarted) = requests[index].state else { return }
        if hasStarted { endJob(on: server, leavesGhost: profile.hasForeigners && random.chance(20)) }
        if failure == .brokenOff {
            requests[index].timesBrokenOff += 1
            requests[index].lastBrokenOffBy = server
        } else {
            requests[index].waited += max(.zero, now - since)
        }
        let ejection = failure == .brokenOff ? nil : profile.configuration.ejectionFirst
        hearsay[server].failed(lease.upstream, leased: since, at: now, ejectedFor: ejection)
        let expected = requests[index]
        let (submission, decisions) = scheduler.retry(lease, after: failure, at: someNow())
        trace.note("\(lease.request.rawValue) on \(server) \(failure): \(submission as Any), \(Array(decisions))")
        keep(lease)
        switch submission {
        case nil: throw Violation("a good lease was taken for a stale one")
        case .dispatch(let next):
            requests[index].state = .queued(QueueTicket.none, since: now, deadline: now)
            try dispatched(next)
        case .queued(let ticket):
            let left = max(profile.configuration.queueTimeout - expected.waited, .milliseconds(1))
            requests[index].state = .queued(ticket, since: now, deadline: now + left)
        case .reject(let rejection):
            requests.remove(at: index)
            try checkRejectedRetry(rejection, of: expected)
        }
        try carryOut(decisions)
    }

    /// What has been given back before must not do anything when it is given back again.
    mutating func useSomethingStale() throws(Violation) {
        if let lease = oldLeases.randomElement(using: &random) {
            let decisions = scheduler.finished(lease, .answered, at: now)
            let (submission, others) = scheduler.retry(lease, after: .brokenOff, at: now)
            guard decisions.isEmpty, others.isEmpty, submission == nil else {
                throw Violation("a lease of request \(lease.request.rawValue) was accepted twice")
            }
        }
        if let ticket = oldTickets.randomElement(using: &random), scheduler.cancel(ticket, at: now) {
            throw Violation("a ticket was accepted twice")
        }
    }

    private mutating func endJob(on server: Int, leavesGhost: Bool) {
        guard servers[server].own > 0 else { return }
        if leavesGhost {
            servers[server].own -= 1
            servers[server].ghosts += 1
        } else {
            let linger = Duration.milliseconds(random.below(90))
            servers[server].endOwn(lingerUntil: now + linger, at: now)
        }
    }

    private func newRequest(_ id: RequestID) -> ExpectedRequest {
        ExpectedRequest(id: id, state: .queued(QueueTicket.none, since: now, deadline: now))
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
