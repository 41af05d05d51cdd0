import AgentProtocol
import AgentRules
import LlamaServer
import Scheduling

// What the scheduler decides is carried out and compared with what the world knows.

extension FleetSimulation {
    mutating func dispatched(_ lease: Lease) throws(Violation) {
        let number = lease.request.rawValue
        guard let index = requests.firstIndex(where: { $0.id == lease.request }) else {
            throw Violation(.theEndIsTheEnd, "request \(number) has ended and got a slot")
        }
        guard !requests[index].hasFirstByte else {
            throw Violation(.firstByte, "request \(number) has begun to be answered and is sent again")
        }
        guard case .queued(_, let since, _) = requests[index].state else {
            throw Violation(.oneSlotEach, "request \(number) has a slot and got another")
        }
        guard let server = servers.firstIndex(where: { $0.address == lease.address }) else {
            throw Violation(.onlyUsable, "request \(number) was sent to \(lease.address), where nobody is")
        }
        guard speakers.values.contains(where: { agents[connections[$0].agent].server == server }) else {
            throw Violation(.onlyUsable, "request \(number) was sent to \(lease.address), whose agents are gone")
        }
        guard !drained.contains(lease.address) else {
            throw Violation(.drained, "request \(number) was sent to \(lease.address), which is being drained")
        }
        if isResting(server) { wokenSince[server] = now }
        if let standing = still[server], !standing.showsSlots || servers[server].processing(at: now) > 0 {
            let unnoticed = now - max(standing.since, quietSince[server], wokenSince[server])
            guard unnoticed <= standing.longestUnnoticed else {
                throw Violation(
                    .stuckIsLeftAlone,
                    "request \(number) was sent to \(lease.address), where nothing has moved for \(now - standing.since)"
                )
            }
        }
        guard leases(on: server) < servers[server].highestReported else {
            throw Violation(
                .slotsExist,
                "request \(number) was sent to \(lease.address), which never had so many slots"
            )
        }
        requests[index].attempts += 1
        requests[index].speaker = speaker(for: server)
        requests[index].waited += now - since
        requests[index].state = .leased(lease, server: server, since: now, .sent)
        dispatchedNow.append((lease.request, server))
        plan(.requestArrives(lease.request, attempt: requests[index].attempts), in: some(.milliseconds(5)))
    }

    mutating func rejected(_ id: RequestID, _ rejection: Rejection) throws(Violation) {
        guard let index = requests.firstIndex(where: { $0.id == id }),
            case .queued(_, _, let deadline) = requests[index].state
        else { throw Violation(.theEndIsTheEnd, "request \(id.rawValue) doesn't wait and was rejected") }
        guard case .waitedTooLong = rejection, now >= deadline else {
            throw Violation(.deadlines, "request \(id.rawValue) was rejected \(deadline - now) too early: \(rejection)")
        }
        trace.note("\(id.rawValue) has waited too long")
        requests.remove(at: index)
    }

    /// Those that wait and came earlier may be passed by only for an upstream that broke them off.
    mutating func checkOrder() throws(Violation) {
        guard !dispatchedNow.isEmpty else { return }
        for dispatch in dispatchedNow {
            for request in requests where request.isQueued && request.id.rawValue < dispatch.request.rawValue {
                guard request.lastBrokenOffBy == dispatch.server else {
                    throw Violation(.order, "\(request.id.rawValue) waits and \(dispatch.request.rawValue) was let by")
                }
            }
        }
        dispatchedNow.removeAll(keepingCapacity: true)
    }

    /// After whatever happens.
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
        for request in requests {
            // The timer is up to 10 ms late.
            guard case .queued(_, _, let deadline) = request.state, deadline + .milliseconds(11) < now else { continue }
            throw Violation(.deadlines, "\(request.id.rawValue) should have been rejected \(now - deadline) ago")
        }
        guard profile.isCalm else { return }
        guard scheduler.foreignCount == 0 else { throw Violation(.noPhantoms, "others were seen where there are none") }
    }

    /// Whether those who watch a server have it that nothing runs there, and look again only when asked to.
    func isResting(_ server: Int) -> Bool {
        agents.contains { $0.isAlive && $0.server == server && $0.watch.status?.sample?.isResting == true }
    }

    /// An agent that finds that its server is stuck must be right.
    func checkStandstill(of number: Int, _ condition: AgentProtocol.Condition) throws(Violation) {
        guard case .stuck = condition, !agents[number].hasJumped else { return }
        let server = agents[number].server
        let time = standings[server].length(at: now)
        // A question is asked some time before it arrives.
        guard time + .seconds(1) < .seconds(10) else { return }
        throw Violation(
            .whatMovesIsUsed,
            "\(agents[number].id) takes server \(server) for stuck, which stood still or hung for \(time): \(condition)"
        )
    }

    /// An agent whose server is there leaves only when nothing runs any more.
    func checkDeparture(of number: Int) throws(Violation) {
        switch agents[number].watch.status?.condition {
        case nil, .down, .loading, .restarting, .failing, .unloaded: return
        case .ready, .unresponsive, .stuck, .unauthorized, .slotsDisabled, .unexpected: break
        }
        // What was sent by the word of another one isn't this one's, nor what another has taken over.
        guard !agents[number].isReplaced else { return }
        let isWaitedFor = requests.contains { !$0.isQueued && $0.speaker == agents[number].id }
        guard isWaitedFor else { return }
        throw Violation(.farewell, "\(agents[number].id) leaves although something runs on its upstream")
    }

    /// Who speaks for a server, as far as the balancer knows.
    func speaker(for server: Int) -> AgentID? {
        scheduler.snapshot(at: now).upstreams.first { $0.address == servers[server].address }?.agent
    }

    func leases(on server: Int) -> Int {
        var count = 0
        for request in requests {
            if case .leased(_, server, _, _) = request.state { count += 1 }
        }
        return count
    }
}
