import Scheduling

// What clients, the shell and llama-servers do with requests.

extension FleetSimulation {
    mutating func submit() throws(Violation) {
        guard requests.count < profile.crowd else { return }
        lastRequest += 1
        let id = RequestID(rawValue: lastRequest)
        let submission = scheduler.submit(id, at: now)
        trace.note("\(id.rawValue) \(submission.words)")
        switch submission {
        case .reject(.queueFull): return
        case .reject(let rejection): throw Violation(.theEndIsTheEnd, "a new request was rejected: \(rejection)")
        case .dispatch(let lease):
            requests.append(waiting(id, QueueTicket.none, for: .zero))
            try dispatched(lease)
        case .queued(let ticket):
            requests.append(waiting(id, ticket, for: max(profile.configuration.queueTimeout, .milliseconds(1))))
        }
        try checkOrder()
    }

    mutating func arrives(_ id: RequestID, _ attempt: Int) throws(Violation) {
        guard let index = leased(id, attempt),
            case .leased(let lease, let server, let since, .sent) = requests[index].state
        else { return }
        // One that hangs or stands still accepts connections, and that is all.
        guard !hanging.contains(server), still[server] == nil else { return }
        switch servers[server].life {
        case .dead: try retry(index, after: .connectFailed)
        case .loading: try retry(index, after: .unavailable)
        case .up:
            servers[server].startOwn()
            requests[index].state = .leased(lease, server: server, since: since, .running)
            plan(.answerBegins(id, attempt: attempt), in: some(profile.work))
        }
    }

    mutating func begins(_ id: RequestID, _ attempt: Int) {
        guard let index = leased(id, attempt),
            case .leased(let lease, let server, let since, .running) = requests[index].state
        else { return }
        guard still[server] == nil else { return plan(.answerBegins(id, attempt: attempt), in: .seconds(1)) }
        requests[index].hasFirstByte = true
        requests[index].state = .leased(lease, server: server, since: since, .answering)
        plan(.answerEnds(id, attempt: attempt), in: some(profile.work))
    }

    mutating func ends(_ id: RequestID, _ attempt: Int) throws(Violation) {
        guard let index = leased(id, attempt), case .leased(_, let server, _, .answering) = requests[index].state
        else { return }
        guard still[server] == nil else { return plan(.answerEnds(id, attempt: attempt), in: .seconds(1)) }
        // What llama-server shows and what it does differ for a moment.
        servers[server].endOwn(lingerUntil: now + some(.milliseconds(60)), at: now)
        try finish(index, .answered)
    }

    mutating func breaksOff(_ id: RequestID, _ attempt: Int) throws(Violation) {
        guard let index = leased(id, attempt) else { return }
        if requests[index].hasFirstByte { return try finish(index, .failed) }
        try retry(index, after: .brokenOff)
    }

    mutating func clientLeaves(_ index: Int) throws(Violation) {
        switch requests[index].state {
        case .queued(let ticket, _, _):
            trace.note("the client of \(requests[index].id.rawValue) leaves the queue")
            guard scheduler.cancel(ticket, at: now).wasThere else {
                throw Violation(.nothingIsLost, "a queued request can't be cancelled")
            }
            requests.remove(at: index)
        case .leased(_, let server, _, let progress):
            guard progress != .sent, servers[server].own > 0 else {
                return try finish(index, .clientLeft(runsOn: .no))
            }
            if profile.isCalm {
                servers[server].own -= 1
            } else {
                // llama-server notices it some time later.
                servers[server].own -= 1
                servers[server].ghosts += 1
                plan(.ghostEnds(server: server, life: lives[server]), in: some(.seconds(3)))
            }
            try finish(index, .clientLeft(runsOn: .untilItLooks))
        }
    }

    /// It runs no more, and neither do its requests.
    mutating func stopServer(_ server: Int, _ life: SimulatedServer.Life) {
        trace.note("server \(server) is \(life)")
        lives[server] += 1
        let hung = hanging.contains(server) || still[server] != nil
        endStandstill(of: server)
        disturbed(server)
        servers[server].stop(life)
        for request in requests {
            // Whoever still has to arrive finds out then.
            guard case .leased(_, server, _, let progress) = request.state, progress != .sent || hung else { continue }
            plan(.breaksOff(request.id, attempt: request.attempts), in: some(.milliseconds(5)))
        }
    }

    private mutating func finish(_ index: Int, _ outcome: Outcome) throws(Violation) {
        guard case .leased(let lease, let server, _, _) = requests[index].state else { return }
        requests.remove(at: index)
        let decisions = scheduler.finished(lease, outcome, at: now)
        trace.note("\(lease.request.rawValue) on \(server) \(outcome)\(decisions.words)")
        try carryOut(decisions)
        // The shell may be told of an end twice.
        let (again, others) = scheduler.retry(lease, after: .connectFailed, at: now)
        guard scheduler.finished(lease, .answered, at: now).isEmpty, again == nil, others.isEmpty else {
            throw Violation(.givenBackOnce, "the lease of \(lease.request.rawValue) was accepted twice")
        }
    }

    private mutating func retry(_ index: Int, after failure: Failure) throws(Violation) {
        guard case .leased(let lease, let server, let since, _) = requests[index].state else { return }
        if failure == .brokenOff {
            requests[index].lastBrokenOffBy = server
        } else {
            requests[index].waited += now - since
        }
        let left = max(profile.configuration.queueTimeout - requests[index].waited, .milliseconds(1))
        let (submission, decisions) = scheduler.retry(lease, after: failure, at: now)
        trace.note(
            "\(lease.request.rawValue) on \(server) \(failure), \(submission?.words ?? "stale")\(decisions.words)"
        )
        switch submission {
        case nil: throw Violation(.givenBackOnce, "a good lease was taken for a stale one")
        case .dispatch(let next):
            requests[index].state = .queued(QueueTicket.none, since: now, deadline: now)
            try dispatched(next)
        case .queued(let ticket):
            requests[index].state = .queued(ticket, since: now, deadline: now + left)
        case .reject(.queueFull):
            throw Violation(.queueLimit, "\(lease.request.rawValue) was refused its place by a full queue")
        case .reject:
            requests.remove(at: index)
        }
        try carryOut(decisions)
    }

    private func waiting(_ id: RequestID, _ ticket: QueueTicket, for time: Duration) -> FleetRequest {
        FleetRequest(id: id, state: .queued(ticket, since: now, deadline: now + time))
    }

    private func leased(_ id: RequestID, _ attempt: Int) -> Int? {
        requests.firstIndex { $0.id == id && $0.attempts == attempt && !$0.isQueued }
    }
}
