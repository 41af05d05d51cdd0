import LlamaServer
import Scheduling
import SeededRandom

// Clients, and what becomes of their requests at balancers and servers.

extension BalancerWorld {
    mutating func submit(to balancer: Int, work: Duration) {
        guard balancers[balancer].isAlive else { return }
        lastRequest += 1
        let number = lastRequest
        let id = RequestID(rawValue: UInt64(number))
        let prompt = load == nil ? somePrompt() : nil
        var demand = RequestDemand()
        demand.trail = prompt?.trail(balancers[balancer].promptSeed)
        let submission = balancers[balancer].scheduler.submit(id, for: demand, at: now)
        trace.note("request \(number) at balancer \(balancer) \(submission.words)")
        let state: SharedRequest.State
        switch submission {
        case .dispatch(let lease): state = .leased(lease)
        case .queued(let ticket): state = .queued(ticket)
        case .reject: return
        }
        requests[number] = SharedRequest(
            id: id,
            balancer: balancer,
            life: balancers[balancer].life,
            arrived: now,
            work: work,
            prompt: prompt,
            promptSeed: balancers[balancer].promptSeed,
            state: state
        )
        if case .leased(let lease) = state { dispatched(lease, balancer) }
        settle(balancer)
    }

    mutating func dispatched(_ lease: Lease, _ balancer: Int) {
        let number = Int(lease.request.rawValue)
        let server = Self.server(at: lease.address)
        trace.note("request \(number) of balancer \(balancer) goes to server \(server)")
        requests[number]?.state = .leased(lease)
        requests[number]?.server = server
        servers[server].changedAt = now
        servers[server].upheavals += 1
        let upheavals = isAlone(number, at: server) && hasHearers(server) ? servers[server].upheavals : nil
        requests[number]?.upheavals = upheavals
        guard load == nil else { return comes(number) }
        plan(.comes(number), in: some(.milliseconds(2)))
    }

    mutating func comes(_ number: Int) {
        guard let request = requests[number], let server = request.server else { return }
        servers[server].changedAt = now
        if servers[server].idle > 0 {
            begin(number, at: server)
        } else {
            load?.figures.inside += 1
            if servers.contains(where: { $0.idle > 0 }) { load?.figures.misplaced += 1 }
            servers[server].waiting.append(number)
        }
    }

    private mutating func begin(_ number: Int, at server: Int) {
        guard let request = requests[number] else { return }
        servers[server].running.insert(number)
        servers[server].changedAt = now
        requests[number]?.began = now
        load?.began(after: now - request.arrived)
        plan(.isDone(number), in: request.work)
    }

    /// The server has come to the answer's end, or has noticed that nobody waits for it.
    mutating func isDone(_ number: Int) {
        guard let request = requests[number], let server = request.server else { return }
        requests[number] = nil
        servers[server].running.remove(number)
        servers[server].waiting.removeAll { $0 == number }
        freed(server)
        guard case .leased(let lease) = request.state else { return }
        note(request, leftAt: server)
        decide(request.balancer) { $0.finished(lease, .answered, at: $1) }
    }

    mutating func freed(_ server: Int) {
        servers[server].changedAt = now
        while servers[server].idle > 0, !servers[server].waiting.isEmpty {
            begin(servers[server].waiting.removeFirst(), at: server)
        }
    }

    /// A client leaves; the server goes on for a moment.
    mutating func leave(_ number: Int) {
        guard let request = requests[number] else { return }
        switch request.state {
        case .ended: return
        case .queued(let ticket):
            requests[number] = nil
            decide(request.balancer) { $0.cancel(ticket, at: $1).1 }
        case .leased(let lease):
            trace.note("the client of request \(number) leaves")
            if let server = request.server { note(request, leftAt: server) }
            requests[number]?.state = .ended
            plan(.isDone(number), in: some(.milliseconds(random.pick([1, 100, 3000]))))
            decide(request.balancer) { $0.finished(lease, .clientLeft(runsOn: .briefly), at: $1) }
        }
    }

    mutating func takeSlot(of server: Int) {
        guard servers[server].idle > 0 else { return }
        servers[server].strangers += 1
        servers[server].changedAt = now
        plan(.strangerLeaves(server: server), in: some(profile.work))
    }
}
