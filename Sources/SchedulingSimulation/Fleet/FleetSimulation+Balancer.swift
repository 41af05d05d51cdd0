import AgentProtocol
import AgentReception
import Scheduling

// What the balancer's shell does with agents: the connections' side of Management, and what the scheduler wants said.

extension FleetSimulation {
    /// A connection on which nothing comes for so long is closed.
    private static let idleLimit = Duration.seconds(60)
    /// How long an agent has to end its side after the last word.
    private static let lingerLimit = Duration.seconds(1)

    mutating func open(_ number: Int) {
        guard !connections[number].isHalfOpen else { return }
        connections[number].isOpenForBalancer = true
        connections[number].lastHeard = now
        // The head of the answer.
        deliver(.bytesToAgent(number, []), on: number)
        plan(.balancerLooksForSilence(number), in: Self.idleLimit)
    }

    mutating func balancerReceives(_ bytes: [UInt8], on number: Int) throws(Violation) {
        guard connections[number].isOpenForBalancer, !connections[number].isHalfOpen else { return }
        connections[number].lastHeard = now
        guard !connections[number].conversation.isOver else { return }
        let agent = agents[connections[number].agent].id
        for event in connections[number].conversation.received(bytes, at: now) {
            switch event {
            case .greeted: greet(agent, on: number)
            case .keyIgnored, .logged, .prompt, .promptSeed: break
            case .reported(let report): try hear(report, on: number)
            case .left:
                connections[number].saidGoodbye = true
                connections[number].unsaid.end(saying: nil)
            case .refused(let reason):
                throw Violation(.agentsAreUnderstood, "\(agent) is refused: \(reason)")
            }
        }
        flush(number)
        if connections[number].conversation.isOver { try depart(number) }
    }

    mutating func closeIfSilent(_ number: Int) throws(Violation) {
        guard connections[number].isOpenForBalancer else { return }
        let silent = now - connections[number].lastHeard
        guard silent >= Self.idleLimit else {
            return plan(.balancerLooksForSilence(number), in: Self.idleLimit - silent)
        }
        trace.note("the balancer hears nothing on connection \(number)")
        try closeForBalancer(number)
    }

    mutating func closeForBalancer(_ number: Int) throws(Violation) {
        guard connections[number].isOpenForBalancer else { return }
        // Those that know nothing of a connection's end are told when they say something.
        if connections[number].isHalfOpen, now - connections[number].lastHeard < Self.idleLimit { return }
        connections[number].isOpenForBalancer = false
        try depart(number)
        if !connections[number].isHalfOpen { deliver(.endsForAgent(number), on: number) }
    }

    private mutating func greet(_ agent: AgentID, on number: Int) {
        connections[number].number = registry.register(agent)
        connections[number].unsaid.welcome = .welcome(balancerVersion: "1")
        if let older = speakers.updateValue(number, forKey: agent) {
            connections[older].unsaid.end(saying: nil)
            flush(older)
        }
        trace.note("\(agent) is greeted on connection \(number)")
    }

    private mutating func hear(_ report: UpstreamReport, on number: Int) throws(Violation) {
        guard let speaker = connections[number].number, registry.speaks(speaker, for: report.agent) else {
            return trace.note("\(report.agent)'s report on connection \(number) comes too late")
        }
        let server = agents[connections[number].agent].server
        servers[server].highestReported = max(servers[server].highestReported, report.slots?.total ?? 0)
        let decisions = scheduler.reported(report, at: now)
        if report.slots != nil || report.condition != .ready || !decisions.isEmpty {
            let sample = report.slots.map { "\($0.processing) of \($0.total)" } ?? "no sample"
            trace.note("\(report.agent) of \(report.address): \(report.condition), \(sample)\(decisions.words)")
        }
        try carryOut(decisions)
    }

    /// What the connection had registered is taken back, once.
    private mutating func depart(_ number: Int) throws(Violation) {
        guard let speaker = connections[number].number else { return }
        connections[number].number = nil
        let agent = agents[connections[number].agent].id
        guard registry.leave(agent, number: speaker) else { return }
        speakers[agent] = nil
        trace.note("\(agent) is gone with connection \(number)")
        let departure: Departure = connections[number].saidGoodbye ? .goodbye : .connectionEnded
        try carryOut(scheduler.agentLeft(agent, departure, at: now))
    }

    /// Says what there is to say to an agent.
    private mutating func flush(_ number: Int) {
        while let item = connections[number].unsaid.next() {
            switch item {
            case .message(let message):
                if let bytes = try? encodeLine(message) { deliver(.bytesToAgent(number, bytes), on: number) }
            case .leases, .promptSeed: break
            case .end:
                deliver(.endsForAgent(number), on: number)
                // Asked for again, it would say the same.
                return plan(.endsForBalancer(number), in: Self.lingerLimit)
            }
        }
    }

    mutating func carryOut(_ decisions: Decisions) throws(Violation) {
        for decision in decisions {
            switch decision {
            case .dispatch(let lease): try dispatched(lease)
            case .send(let id, _, _):
                throw Violation(.theEndIsTheEnd, "request \(id.rawValue), which needs a slot, was sent without one")
            case .reject(let id, let rejection): try rejected(id, rejection)
            case .cooled, .wish: break
            case .poll(let agent):
                guard let number = speakers[agent] else { continue }
                connections[number].unsaid.wantsPoll = true
                flush(number)
            case .drained(let agent):
                guard let number = speakers[agent] else { continue }
                connections[number].unsaid.isDrained = true
                let process = connections[number].agent
                agents[process].isReplaced = speaker(for: agents[process].server) != agent
                flush(number)
            }
        }
        try checkOrder()
    }
}
