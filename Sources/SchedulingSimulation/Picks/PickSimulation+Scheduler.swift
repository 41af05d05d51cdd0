import PickRules
import ProxyExchange
import Scheduling
import SeededRandom

// What is decided of requests, between their exchanges and the scheduler.

extension PickSimulation {
    mutating func letTimePass() throws(Violation) {
        guard phase != .gone else { return }
        if servers.indices.contains(where: hasStrangers) { pass(Self.quiet) }
        for server in servers.indices { report(server, isQuiet: true) }
        for loop in awaited.indices {
            for request in awaited[loop].takeOverdue(at: deadline) {
                trace.note("nobody has come for \(request.client.number)")
                try close(request, goesOn: false)
            }
        }
        try checkAwaited()
        try carryOut(scheduler.tick(at: now))
    }

    mutating func carryOutDeferred() throws(Violation) {
        let decisions = deferred
        deferred = []
        for decision in decisions { try carryOut(decision) }
    }

    mutating func carryOut(_ decisions: Decisions) throws(Violation) {
        for decision in decisions {
            // To the event loop of another connection it takes its time.
            if random.chance(20) { deferred.append(decision) } else { try carryOut(decision) }
        }
    }

    private mutating func carryOut(_ decision: Decision) throws(Violation) {
        switch decision {
        case .dispatch(let lease):
            guard let request = queued(lease.request) else {
                return try giveBack(.slot(lease), .unsent)
            }
            try carryOut(request.exchange.submitted(Submission.dispatch(lease)), for: request)
        case .reject(let id, let rejection):
            guard let request = queued(id) else { return }
            try carryOut(request.exchange.rejected(rejection), for: request)
        case .send, .poll, .drained, .cooled, .wish: break
        }
    }

    private func queued(_ id: RequestID) -> PickedRequest? {
        requests.first { $0.exchange.request == id && !$0.hasEnded && $0.isQueued }
    }

    /// What was begun comes to something.
    mutating func settle() throws(Violation) {
        guard !begun.isEmpty else { return }
        switch begun.remove(at: random.below(begun.count)) {
        case .lifeCheck(let request, let target, let attempt):
            guard request.exchange.target(of: attempt) != nil else { return }
            let isAlive = servers.contains { $0.address == target.route.address && $0.life != .dead }
            try carryOut(request.exchange.lifeFound(attempt, isAlive: isAlive), for: request)
        case .pause(let request, let attempt):
            try carryOut(request.exchange.connectsAgain(attempt), for: request)
        }
    }

    // MARK: - What an exchange decides

    mutating func carryOut(_ action: Exchange.Action, for request: PickedRequest) throws(Violation) {
        switch action {
        case .none, .findRoom, .retryWithoutSlot: break
        case .wait: try waitForPick(request)
        case .send(let target), .connect(let target): try pick(target, for: request)
        case .connectSoon(_, let attempt): begun.append(.pause(request, attempt))
        case .checkLife(let target, let attempt):
            scheduler.brokeOff(target.upstream, at: now)
            begun.append(.lifeCheck(request, target, attempt))
        case .tellDeath(let target): try tellDeath(of: target, request)
        case .retry(let lease, let failure):
            let (submission, decisions) = scheduler.retry(lease, after: failure, at: now)
            guard let submission else { throw gone(lease) }
            try carryOut(request.exchange.submitted(submission), for: request)
            try carryOut(decisions)
        case .end(let ending, let release):
            try checkEnding(ending, of: request)
            if let release { try giveBack(release.target, release.outcome) }
            answer(request, 503)
        }
    }

    private mutating func tellDeath(of target: Target, _ request: PickedRequest) throws(Violation) {
        guard case .slot(let lease) = target else { return }
        let (submission, decisions) = scheduler.serverDied(lease, at: now)
        if let submission {
            try carryOut(request.exchange.submitted(submission), for: request)
        } else {
            try carryOut(request.exchange.upstreamDied(target, isSuspect: true), for: request)
        }
        try carryOut(decisions)
    }

    mutating func giveBack(_ target: Target, _ outcome: Outcome) throws(Violation) {
        guard case .slot(let lease) = target else { return }
        let before = scheduler.leasedCount
        let decisions = scheduler.finished(lease, outcome, at: now)
        let handedOver = decisions.count { if case .dispatch = $0 { true } else { false } }
        guard scheduler.leasedCount == before - 1 + handedOver else { throw gone(lease) }
        try carryOut(decisions)
    }

    private func gone(_ lease: Lease) -> Violation {
        Violation(.givenBackOnce, "the lease of \(lease.request.rawValue) had ended before it was given back")
    }
}
