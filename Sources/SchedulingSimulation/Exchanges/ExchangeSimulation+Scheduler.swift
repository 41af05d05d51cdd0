import LlamaServer
import ProxyExchange
import Scheduling
import SeededRandom

// What an exchange decides is told to the scheduler, and what that decides to exchanges: as in `ReverseProxy`, without sockets.

extension ExchangeSimulation {
    mutating func reported(_ report: UpstreamReport) {
        deferred += Array(scheduler.reported(report, at: now))
    }

    mutating func letTimePass() throws(Violation) {
        try carryOut(scheduler.tick(at: now))
        for server in servers.indices { report(server) }
        try carryOutDeferred()
        for socket in sockets where socket.goodbyeLimit <= now {
            if let (lease, outcome) = socket.link.goodbyeEnds() { try giveBack(.slot(lease), outcome) }
            try closeSocket(socket)
        }
    }

    mutating func carryOutDeferred() throws(Violation) {
        let decisions = deferred
        deferred = []
        for decision in decisions { try carryOut(decision) }
    }

    mutating func carryOut(_ decisions: Decisions) throws(Violation) {
        for decision in decisions { try carryOut(decision) }
    }

    mutating func carryOut(_ decision: Decision) throws(Violation) {
        switch decision {
        case .dispatch(let lease):
            guard let client = queued(lease.request) else {
                // The client left while this was on its way.
                return try carryOut(scheduler.finished(lease, .clientLeft(runsOn: .no), at: now))
            }
            try carryOut(client.exchange.submitted(Submission.dispatch(lease)), for: client)
        case .send(let request, let upstream, let route):
            guard let client = queued(request) else { return }
            try carryOut(client.exchange.submitted(SlotlessSubmission.send(upstream, route)), for: client)
        case .reject(let request, let rejection):
            guard let client = queued(request) else { return }
            try carryOut(client.exchange.rejected(rejection), for: client)
        case .poll, .drained, .cooled, .wish:
            break
        }
    }

    func queued(_ request: RequestID) -> SimulatedClient? {
        clients.first { client in
            guard client.exchange.request == request, client.end == nil, case .queued = client.exchange.state else {
                return false
            }
            return true
        }
    }

    // MARK: - What an exchange decides

    mutating func carryOut(_ action: Exchange.Action, for client: SimulatedClient) throws(Violation) {
        switch action {
        case .none, .wait, .findRoom:
            break
        case .send(let target):
            if client.exchange.mayReuseConnection, let socket = takeIdle(to: target) {
                try use(socket, for: target, client)
            } else {
                connect(client, to: target)
            }
        case .connect(let target):
            connect(client, to: target)
        case .connectSoon(_, let attempt):
            begun.append(.pause(client, attempt))
        case .checkLife(let target, let attempt):
            scheduler.brokeOff(target.upstream, at: now)
            begun.append(.lifeCheck(client, target, attempt))
        case .tellDeath(let target):
            try tellDeath(of: target, client)
        case .retry(let lease, let failure):
            let (submission, decisions) = scheduler.retry(lease, after: failure, at: now)
            guard let submission else {
                throw Violation(.givenBackOnce, "the lease of \(client.number) had ended before it was given back")
            }
            try carryOut(client.exchange.submitted(submission), for: client)
            try carryOut(decisions)
        case .retryWithoutSlot(let failed, let isUnreachable):
            if isUnreachable { try carryOut(scheduler.connectFailed(failed, at: now)) }
            try handInSlotless(client, avoiding: failed)
        case .end(let ending, let release):
            try checkEnding(ending, of: client)
            if let release { try carryOut(release, of: client) }
            trace.note("\(client.number) is answered here: \(ending)")
            try answerHere(client)
        }
    }

    mutating func handInSlotless(_ client: SimulatedClient, avoiding failed: UpstreamID?) throws(Violation) {
        let submission = scheduler.submitSlotless(
            client.exchange.request,
            for: nil,
            avoiding: failed,
            arrived: now,
            at: now
        )
        try carryOut(client.exchange.submitted(submission), for: client)
    }

    private mutating func tellDeath(of target: Target, _ client: SimulatedClient) throws(Violation) {
        switch target {
        case .slot(let lease):
            let (submission, decisions) = scheduler.serverDied(lease, at: now)
            if let submission {
                try carryOut(client.exchange.submitted(submission), for: client)
            } else {
                try carryOut(client.exchange.upstreamDied(target, isSuspect: true), for: client)
            }
            try carryOut(decisions)
        case .free(let upstream, _):
            let (isSuspect, decisions) = scheduler.serverDied(upstream, sentAt: client.sentAt, at: now)
            try carryOut(client.exchange.upstreamDied(target, isSuspect: isSuspect), for: client)
            try carryOut(decisions)
        }
    }

    mutating func carryOut(_ release: Exchange.Release, of client: SimulatedClient) throws(Violation) {
        if release.abandonsConnection, let socket = client.upstream { try abandon(socket) }
        client.upstream = nil
        try giveBack(release.target, release.outcome)
    }

    mutating func giveBack(_ target: Target, _ outcome: Outcome) throws(Violation) {
        switch target {
        case .slot(let lease):
            let before = scheduler.leasedCount
            let decisions = scheduler.finished(lease, outcome, at: now)
            let handedOver = decisions.count { if case .dispatch = $0 { true } else { false } }
            guard scheduler.leasedCount == before - 1 + handedOver else {
                throw Violation(
                    .givenBackOnce,
                    "the lease of \(lease.request.rawValue) had ended before it was given back"
                )
            }
            try carryOut(decisions)
        case .free(let upstream, _):
            if outcome == .serverDied { try carryOut(scheduler.connectFailed(upstream, at: now)) }
        }
    }
}
