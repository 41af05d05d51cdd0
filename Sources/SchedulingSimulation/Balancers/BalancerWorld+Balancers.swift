import AgentProtocol
import AgentReception
import LlamaServer
import Scheduling

// What the balancers' shells do with agents.

extension BalancerWorld {
    func isOlder(_ balancer: Int) -> Bool { profile.olderBalancers.contains(balancer) }

    mutating func balancerReceives(_ bytes: [UInt8], on number: Int) throws(Violation) {
        let balancer = connections[number].balancer
        guard isOpenForBalancer(number), !connections[number].isCut, !connections[number].conversation.isOver else {
            return
        }
        for event in connections[number].conversation.received(bytes, at: now) {
            switch event {
            case .greeted(let hello): greet(hello, on: number)
            case .reported(var report):
                guard let speaker = connections[number].number,
                    balancers[balancer].registry.speaks(speaker, for: report.agent)
                else { continue }
                if isOlder(balancer) {
                    report.sharesLeases = false
                    report.sharesPrompts = false
                    report.others = 0
                    report.slots?.others = 0
                }
                decide(balancer) { $0.reported(report, at: $1) }
            case .refused(let reason):
                throw Violation(.agentsAreUnderstood, "\(connections[number].agent) is refused: \(reason)")
            case .prompt(let news): hear(news, on: number)
            case .promptSeed(let seed): hear(seed, by: balancer)
            case .keyIgnored, .logged, .left: break
            }
        }
        flush(number)
    }

    private func isOpenForBalancer(_ number: Int) -> Bool {
        let balancer = connections[number].balancer
        return connections[number].isOpenForBalancer && balancers[balancer].life == connections[number].life
            && balancers[balancer].isAlive
    }

    private mutating func greet(_ hello: Hello, on number: Int) {
        let balancer = connections[number].balancer
        let agent = connections[number].agent
        connections[number].number = balancers[balancer].registry.register(agent)
        balancers[balancer].speakers[agent] = number
        balancers[balancer].changes[connections[number].server] = now
        connections[number].unsaid.welcome = .welcome(balancerVersion: "1")
        if hello.sharesLeases == true, !isOlder(balancer) { connections[number].unsaid.leasesChanged = true }
        if hello.sharesPrompts == true, !isOlder(balancer) { connections[number].unsaid.beginTellingPrompts() }
        servers[connections[number].server].upheavals += 1
    }

    mutating func endsForBalancer(_ number: Int) {
        guard isOpenForBalancer(number) else { return }
        connections[number].isOpenForBalancer = false
        let balancer = connections[number].balancer
        let agent = connections[number].agent
        guard let speaker = connections[number].number,
            balancers[balancer].registry.leave(agent, number: speaker)
        else { return }
        balancers[balancer].speakers[agent] = nil
        trace.note("balancer \(balancer) has lost \(agent)")
        balancers[balancer].changes[connections[number].server] = now
        servers[connections[number].server].upheavals += 1
        decide(balancer) { $0.agentLeft(agent, .connectionEnded, at: $1) }
    }

    /// Says what there is to say to an agent.
    mutating func flush(_ number: Int) {
        let balancer = connections[number].balancer
        guard isOpenForBalancer(number) else { return }
        while let item = connections[number].unsaid.next() {
            switch item {
            case .message(let message):
                if let bytes = try? encodeLine(message) { deliver(.bytesToAgent(number, bytes), on: number) }
            case .leases:
                let count = balancers[balancer].scheduler.leases(of: connections[number].agent)
                if connections[number].unsaid.hasSaid(leases: count) { continue }
                load?.figures.linesToAgents += 1
                guard let bytes = try? encodeLine(BalancerMessage.leases(count: count)) else { continue }
                deliver(.bytesToAgent(number, bytes), on: number)
            case .promptSeed:
                let message = BalancerMessage.promptSeed(balancers[balancer].promptSeed)
                if let bytes = try? encodeLine(message) { deliver(.bytesToAgent(number, bytes), on: number) }
            case .end: return
            }
        }
    }

    /// Tells a scheduler something, and carries out what it decides.
    mutating func decide(_ balancer: Int, _ body: (inout Scheduler, Instant) -> Decisions) {
        guard balancers[balancer].isAlive else { return }
        carryOut(body(&balancers[balancer].scheduler, now), of: balancer)
    }

    private mutating func carryOut(_ decisions: Decisions, of balancer: Int) {
        for decision in decisions {
            switch decision {
            case .dispatch(let lease): dispatched(lease, balancer)
            case .reject(let id, _): requests[Int(id.rawValue)]?.state = .ended
            case .poll(let agent):
                guard let number = balancers[balancer].speakers[agent] else { continue }
                connections[number].unsaid.wantsPoll = true
                flush(number)
            case .send, .cooled, .wish, .drained: break
            }
        }
        settle(balancer)
    }

    /// After every input.
    mutating func settle(_ balancer: Int) {
        tellPrompts(balancer)
        for agent in balancers[balancer].scheduler.takeLeaseNews() {
            guard let number = balancers[balancer].speakers[agent] else { continue }
            servers[connections[number].server].changedAt = now
            connections[number].unsaid.leasesChanged = true
            flush(number)
        }
        setTimer(balancer)
    }

    /// What it has done in its life.
    mutating func count(_ balancer: Int) {
        let counters = balancers[balancer].scheduler.snapshot(at: now).counters
        tally += SimulationTally(schedules: 0, steps: 0, counters)
    }

    /// Its process is killed: its requests end with it, and its connections. Servers notice in their time.
    mutating func kill(_ balancer: Int) {
        trace.note("balancer \(balancer) is killed")
        count(balancer)
        balancers[balancer].isAlive = false
        balancers[balancer].life += 1
        balancers[balancer].scheduler = Scheduler(configuration: profile.configuration)
        balancers[balancer].promptSeed = newSeed()
        balancers[balancer].registry = SpeakingConnections()
        balancers[balancer].speakers = [:]
        balancers[balancer].timer = nil
        for number in connections.indices
        where connections[number].balancer == balancer && connections[number].isOpenForBalancer {
            connections[number].isOpenForBalancer = false
            servers[connections[number].server].upheavals += 1
            deliver(.endsForAgent(number), on: number)
        }
        for (number, request) in requests.sorted(by: { $0.key < $1.key }) where request.balancer == balancer {
            requests[number]?.state = .ended
            if request.server != nil { plan(.isDone(number), in: some(.seconds(1))) } else { requests[number] = nil }
        }
        plan(.returns(balancer: balancer), in: some(.seconds(4)))
    }
}
