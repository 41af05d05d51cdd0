import AgentRules
import Scheduling

// What must hold between several balancers.

extension BalancerWorld {
    /// From then on a sample tells what is there: who begins and ends is seen a little later.
    private static let settling = Duration.milliseconds(500)

    var isQuiet: Bool { agents.indices.allSatisfy(isQuiet) }

    /// Whether everybody is connected, and nothing is on its way, between an agent and its balancers.
    func isQuiet(_ server: Int) -> Bool {
        guard let agent = agents[server], agent.leases.nextDue == nil else { return false }
        return balancers.indices.allSatisfy { balancer in
            guard let number = agent.connections[balancer] else { return !balancers[balancer].isAlive }
            return balancers[balancer].isAlive && connections[number].number != nil && connections[number].inFlight == 0
                && connections[number].life == balancers[balancer].life
                && balancers[balancer].speakers[agent.id] == number
                // Until the end of the one before is known, a restarted one waits.
                && balancers[balancer].scheduler.standing(of: agent.id) == .speaks
        }
    }

    /// After every event.
    mutating func checkQuiet() throws(Violation) {
        for server in agents.indices where isQuiet(server) {
            try checkOthers(server)
            try checkIdle(server)
            try checkPrompts(server)
        }
    }

    /// What each balancer knows of the others' leases is what they have.
    private func checkOthers(_ server: Int) throws(Violation) {
        guard let agent = agents[server], !profile.hasOlderAgents else { return }
        for balancer in balancers.indices where !isOlder(balancer) && balancers[balancer].isAlive {
            let others = balancers.indices.filter { $0 != balancer && !isOlder($0) }
            let truth = others.reduce(0) { $0 + balancers[$1].scheduler.leases(of: agent.id) }
            let known = balancers[balancer].scheduler.others(of: agent.id)
            guard known != truth else { continue }
            throw Violation(
                .othersAreKnown,
                "balancer \(balancer) knows of \(known) leases of others at server \(server), and they have \(truth)"
            )
        }
    }

    /// When a sample was taken since something last changed, each balancer knows how many slots are idle: nobody waits at one
    /// while there is an idle slot, and none is counted twice.
    private func checkIdle(_ server: Int) throws(Violation) {
        guard let agent = agents[server], let look = agent.lastLook, servers[server].waiting.isEmpty,
            look.began >= servers[server].changedAt + Self.settling
        else { return }
        for (number, balancer) in balancers.enumerated() where balancer.isAlive {
            guard let change = balancer.changes[server], look.began >= change + Self.settling,
                let upstream = balancer.scheduler.snapshot(of: agent.id, at: now), upstream.isUsable
            else { continue }
            guard max(0, upstream.slotsIdle) != servers[server].idle else { continue }
            throw Violation(
                .idleIsKnown,
                "balancer \(number) takes \(upstream.slotsIdle) slots of server \(server) for idle, where \(servers[server].idle) are: "
                    + "\(upstream.slotsLeased) of its own, \(upstream.slotsCooling) cooling, \(upstream.slotsForeign) of others, of these \(upstream.slotsOthers) of other balancers"
            )
        }
    }

    /// After every step.
    func checkBooks() throws(Violation) {
        for (number, balancer) in balancers.enumerated() where balancer.isAlive {
            let violations = balancer.scheduler.violations()
            guard violations.isEmpty else { throw Violation(.books, violations) }
            var waiting = 0
            var running = 0
            for request in requests.values where request.balancer == number && request.life == balancer.life {
                switch request.state {
                case .queued: waiting += 1
                case .leased: running += 1
                case .ended: break
                }
            }
            guard balancer.scheduler.queuedCount == waiting, balancer.scheduler.leasedCount == running else {
                throw Violation(.nothingIsLost, "balancer \(number) has lost a request, or has one too many")
            }
        }
    }
}
