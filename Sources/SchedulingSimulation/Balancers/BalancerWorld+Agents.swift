import AgentProtocol
import AgentReception
import AgentRules
import LlamaServer
import Scheduling
import SeededRandom

// What the agents' shell does.

extension BalancerWorld {
    /// From the end of one look to the next, with a reason.
    private static let peace = Duration.milliseconds(1250)

    mutating func startAgent(of server: Int) {
        lastAgent += 1
        agents[server] = SharedAgent(
            id: AgentID(rawValue: "a\(lastAgent)"),
            leases: SharedLeases(links: profile.balancers),
            prompts: SharedPrompts(links: profile.balancers),
            connections: Array(repeating: nil, count: profile.balancers),
            ahead: .seconds(random.pick([-50, 0, 86_400]))
        )
        trace.note("a\(lastAgent) starts for server \(server)")
        wantLook(server)
        for balancer in balancers.indices { connect(server, to: balancer) }
        plan(.beats(agent: server), in: profile.heartbeat)
    }

    /// The process is gone.
    mutating func endAgent(of server: Int) {
        guard let agent = agents[server] else { return }
        trace.note("\(agent.id) is gone")
        agents[server] = nil
        for case let number? in agent.connections {
            connections[number].isOpenForAgent = false
            deliver(.endsForBalancer(number), on: number)
        }
    }

    // MARK: - Looks

    mutating func wantLook(_ server: Int) {
        guard let agent = agents[server], !agent.isLooking else { return }
        planLook(server, at: max(now, agent.lastLook.map { $0.ended + Self.peace } ?? now))
    }

    private mutating func planLook(_ server: Int, at time: Instant) {
        guard let agent = agents[server], agent.isLookPlanned.map({ time < $0 }) ?? true else { return }
        agents[server]?.isLookPlanned = time
        events.add(.looks(agent: server), at: time)
    }

    mutating func look(_ server: Int) {
        guard let agent = agents[server], !agent.isLooking, agent.isLookPlanned == now else { return }
        agents[server]?.isLooking = true
        agents[server]?.isLookPlanned = nil
        plan(.seen(agent: server, processing: servers[server].processing, since: now), in: some(.milliseconds(2)))
    }

    mutating func seen(_ processing: Int, since start: Instant, of server: Int) {
        guard var agent = agents[server], agent.isLooking else { return }
        agent.isLooking = false
        agent.lastLook = (start, now)
        agent.samples += 1
        agent.status = ServerStatus(
            condition: .ready,
            sample: ServerStatus.Sample(
                number: agent.samples,
                total: servers[server].total,
                processing: min(processing, servers[server].total),
                startedAt: agent.clock(at: start),
                finishedAt: agent.clock(at: now)
            ),
            models: ["m"]
        )
        agents[server] = agent
        trace.note("\(agent.id) sees \(processing) of \(servers[server].total) slots busy")
        for balancer in balancers.indices { say(server, to: balancer) }
        planLook(server, at: start + profile.monitoring)
    }

    mutating func beat(_ server: Int) {
        guard agents[server] != nil else { return }
        for balancer in balancers.indices { say(server, to: balancer) }
        plan(.beats(agent: server), in: profile.heartbeat)
    }

    // MARK: - Connections

    mutating func connect(_ server: Int, to balancer: Int) {
        guard let agent = agents[server], agent.connections[balancer] == nil else { return }
        guard balancers[balancer].isAlive else {
            return plan(.connects(agent: server, balancer: balancer), in: .milliseconds(50) + some(.milliseconds(200)))
        }
        let number = connections.count
        connections.append(
            SharedConnection(
                server: server,
                agent: agent.id,
                balancer: balancer,
                life: balancers[balancer].life,
                conversation: AgentConversation(agent: agent.id, mayNameKey: false, mayNameSocket: false)
            )
        )
        agents[server]?.connections[balancer] = number
        servers[server].upheavals += 1
        let hello = Hello(
            agentVersion: "1",
            address: Self.address(of: server),
            sharesLeases: profile.hasOlderAgents || profile.balancers == 1 ? nil : true,
            sharesPrompts: profile.hasOlderAgents || profile.balancers == 1 ? nil : true,
            heartbeatIntervalMilliseconds: Int(profile.heartbeat.milliseconds)
        )
        send(.hello(hello), on: number)
        say(server, to: balancer)
    }

    mutating func send(_ message: AgentMessage, on number: Int) {
        guard let bytes = try? encodeLine(message) else { return }
        deliver(.bytesToBalancer(number, bytes), on: number)
    }

    /// The latest of the server.
    private mutating func say(_ server: Int, to balancer: Int) {
        guard let agent = agents[server], var status = agent.status, let number = agent.connections[balancer] else {
            return
        }
        tellOthers(server, balancer)
        if let start = status.sample?.startedAt, !profile.hasOlderAgents {
            status.sample?.others = agent.leases.mostOfOthers(than: balancer, since: start)
        }
        var news = LinkNews()
        news.status = status
        if let message = connections[number].words.message(news.saying, at: agent.clock(at: now)) {
            send(message, on: number)
        }
        tellOthers(server, balancer)
    }

    mutating func turn(_ server: Int) {
        guard let agent = agents[server] else { return }
        agents[server]?.leases.pass(to: agent.clock(at: now))
        tellOthers(server)
    }

    private mutating func tellOthers(_ server: Int) {
        for balancer in balancers.indices { tellOthers(server, balancer) }
        guard let agent = agents[server], let due = agent.leases.nextDue else { return }
        plan(.turns(agent: server), in: due - agent.clock(at: now))
    }

    private mutating func tellOthers(_ server: Int, _ balancer: Int) {
        guard let agent = agents[server], let number = agent.connections[balancer] else { return }
        let others = agent.leases.others(than: balancer)
        guard let message = connections[number].words.message(ofOthers: others) else { return }
        trace.note("\(agent.id) tells balancer \(balancer) of \(others ?? 0) leases of others")
        load?.figures.linesToBalancers += 1
        send(message, on: number)
    }

    mutating func agentReceives(_ bytes: [UInt8], on number: Int) throws(Violation) {
        let server = connections[number].server
        let balancer = connections[number].balancer
        guard connections[number].isOpenForAgent, !connections[number].isCut,
            agents[server]?.connections[balancer] == number
        else { return }
        do {
            for line in try connections[number].lines.append(bytes) {
                switch try BalancerMessage.decode(line: line) {
                case .poll:
                    wantLook(server)
                case .leases(let count) where !profile.hasOlderAgents:
                    guard let clock = agents[server]?.clock(at: now) else { continue }
                    servers[server].changedAt = now
                    if agents[server]?.leases.told(count, by: balancer, at: clock) == true { wantLook(server) }
                    tellOthers(server)
                case .promptSeed(let seed) where !profile.hasOlderAgents:
                    agents[server]?.prompts.told(seed, by: balancer)
                    tellSeeds(server)
                case .prompt(let news) where !profile.hasOlderAgents:
                    passOn(news, of: server, by: balancer)
                case .refused(let reason):
                    throw Violation(.agentsAreUnderstood, "\(connections[number].agent) was refused: \(reason)")
                default: break
                }
            }
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation(.agentsAreUnderstood, "\(error)")
        }
    }

    mutating func endsForAgent(_ number: Int) {
        let server = connections[number].server
        let balancer = connections[number].balancer
        guard connections[number].isOpenForAgent else { return }
        connections[number].isOpenForAgent = false
        guard let clock = agents[server]?.clock(at: now), agents[server]?.connections[balancer] == number else {
            return
        }
        trace.note("\(connections[number].agent) has lost balancer \(balancer)")
        agents[server]?.connections[balancer] = nil
        servers[server].upheavals += 1
        // What it had runs on, and is nobody's until the next look.
        servers[server].changedAt = now
        if agents[server]?.leases.ended(balancer, at: clock) == true { wantLook(server) }
        tellOthers(server)
        promptsEnded(of: balancer, at: server)
        tellSeeds(server)
        plan(.connects(agent: server, balancer: balancer), in: .milliseconds(50) + some(.milliseconds(200)))
    }

    // MARK: - The network

    /// Nothing is lost or overtaken within a connection: it is late, or ends.
    mutating func deliver(_ event: BalancerEvent, on number: Int) {
        connections[number].inFlight += 1
        let shortest = profile.delay * profile.shortestDelay / 100
        let arrival = max(now + shortest + some(profile.delay - shortest), connections[number].stalledUntil)
        switch event {
        case .bytesToAgent, .endsForAgent:
            connections[number].lastArrivalAtAgent = max(arrival, connections[number].lastArrivalAtAgent)
            events.add(event, at: connections[number].lastArrivalAtAgent)
        default:
            connections[number].lastArrivalAtBalancer = max(arrival, connections[number].lastArrivalAtBalancer)
            events.add(event, at: connections[number].lastArrivalAtBalancer)
        }
    }
}
