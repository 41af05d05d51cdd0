import AgentProtocol
import AgentReception
import AgentRules
import LlamaServer
import Scheduling
import SeededRandom

// What the agents' shell does: it asks, connects, says and leaves as the rules have it.

extension FleetSimulation {
    /// As in the product, but for the standstill: a schedule is shorter than the product's patience.
    private static let intervals = WatchIntervals(stuck: .seconds(10))
    private static let connectLimit = Duration.seconds(10)
    private static let drainLimit = Duration.seconds(30)
    /// Bytes that aren't acknowledged for so long end a connection.
    private static let silenceLimit = Duration.seconds(10)

    mutating func startAgent(for server: Int) {
        let number = agents.count
        var intervals = Self.intervals
        intervals.restsWhileIdle = profile.agentsRest
        agents.append(
            AgentProcess(
                id: AgentID(rawValue: "a\(number + 1)"),
                server: server,
                heartbeat: profile.heartbeat,
                watch: LlamaServerWatch(intervals: intervals),
                // Monotonic clocks have zeros of their own.
                ahead: .seconds(random.pick([-90, 0, 86_400]))
            )
        )
        trace.note("\(agents[number].id) starts for server \(server)")
        disturbed(server)
        ask(number)
        connect(number)
    }

    /// It happens to an agent, now or when it is no longer suspended.
    mutating func happens(_ event: FleetEvent, to number: Int) throws(Violation) {
        guard agents[number].isAlive else { return }
        guard agents[number].suspendedUntil <= now else {
            return events.add(event, at: agents[number].suspendedUntil)
        }
        switch event {
        case .agentTimer: timerFires(number)
        case .probeAnswered(_, let probe, let answer): try answered(probe, answer, to: number)
        case .heartbeat(_, let connection): beat(number, connection)
        case .reconnect: if agents[number].connection == nil, !agents[number].news.isLeaving { connect(number) }
        case .toldToStop: try stopAgent(number)
        case .farewellLimit: leave(number)
        case .endsForAgent(let connection): try lose(connection, "it ended")
        case .agentGivesUp(let connection): try giveUp(connection)
        case .bytesToAgent(let connection, let bytes): try agentReceives(bytes, on: connection)
        default: break
        }
    }

    // MARK: - The watch

    private mutating func ask(_ number: Int) {
        let clock = agents[number].clock(at: now)
        for probe in agents[number].watch.startDue(at: clock) {
            plan(.probeArrives(number, probe), in: some(profile.delay))
        }
        guard let due = agents[number].watch.nextDue else { return }
        let time = max(now, now + (due - clock))
        guard agents[number].timer.map({ time < $0 }) ?? true else { return }
        agents[number].timer = time
        events.add(.agentTimer(number), at: time)
    }

    private mutating func timerFires(_ number: Int) {
        agents[number].timer = nil
        ask(number)
    }

    private mutating func answered(_ probe: Probe, _ answer: Probe.Answer, to number: Int) throws(Violation) {
        let clock = agents[number].clock(at: now)
        let former = agents[number].watch.status?.condition
        if agents[number].watch.completed(probe, answer, at: clock, sinceEpoch: clock),
            let status = agents[number].watch.status
        {
            if status.condition != former { try checkStandstill(of: number, status.condition) }
            agents[number].news.status = status
            say(number)
            agents[number].state.serverChanged(status)
            try leaveIfPossible(number)
        }
        guard agents[number].isAlive else { return }
        ask(number)
    }

    /// What its server answers, looked up when the question is there.
    mutating func answer(_ probe: Probe, of number: Int) {
        let server = servers[agents[number].server]
        let limit = Self.intervals.limit(of: probe)
        let isUnanswered = probe == .slots && still[agents[number].server]?.showsSlots == false
        if isUnanswered || hanging.contains(agents[number].server) {
            return plan(.probeAnswered(number, probe, .timedOut), in: limit)
        }
        let answer: Probe.Answer =
            switch (server.life, probe) {
            case (.dead, _): .failed("connection refused")
            case (.loading, _):
                .reply(
                    status: 503,
                    body: Array(#"{"error":{"message":"Loading model","type":"unavailable_error"}}"#.utf8)
                )
            case (.up, .health): .reply(status: 200, body: Array(#"{"status":"ok"}"#.utf8))
            case (.up, .props): .reply(status: 200, body: Array(#"{"total_slots":\#(server.total)}"#.utf8))
            case (.up, .models): .reply(status: 200, body: Array(#"{"data":[{"id":"m"}]}"#.utf8))
            case (.up, .embeddings), (.up, .reranking): .reply(status: 501, body: [])
            case (.up, .slots): .reply(status: 200, body: slots(of: agents[number].server))
            }
        plan(.probeAnswered(number, probe, answer), in: some(profile.delay))
    }

    private func slots(of number: Int) -> [UInt8] {
        let server = servers[number]
        let processing = server.processing(at: now)
        // What moves has moved since the last look.
        let progress = ((still[number]?.since ?? now) - Instant(nanoseconds: 0)).nanoseconds
        let work = #""n_prompt_tokens_processed":1,"next_token":[{"n_decoded":\#(progress)}]"#
        let slots = (0..<server.total).map { #"{"id":\#($0),"is_processing":\#($0 < processing),\#(work)}"# }
        return Array("[\(slots.joined(separator: ","))]".utf8)
    }

    // MARK: - The connection

    mutating func connect(_ number: Int) {
        let connection = connections.count
        connections.append(
            SimulatedConnection(
                agent: number,
                conversation: AgentConversation(agent: agents[number].id, mayNameKey: false, mayNameSocket: false)
            )
        )
        agents[number].connection = connection
        agents[number].lines = MessageLines()
        agents[number].wasWelcome = false
        agents[number].state.offered(0)
        deliver(.opens(connection), on: connection)
        let hello = Hello(
            agentVersion: "1",
            address: servers[agents[number].server].address,
            heartbeatIntervalMilliseconds: Int(agents[number].heartbeat.milliseconds)
        )
        send(.hello(hello), on: connection)
        say(number)
        plan(.heartbeat(number, connection: connection), in: agents[number].heartbeat)
        plan(.agentGivesUp(connection), in: Self.connectLimit)
    }

    private mutating func beat(_ number: Int, _ connection: Int) {
        guard agents[number].connection == connection else { return }
        say(number)
        plan(.heartbeat(number, connection: connection), in: agents[number].heartbeat)
    }

    /// The latest, over the present connection.
    private mutating func say(_ number: Int) {
        guard let connection = agents[number].connection else { return }
        let clock = agents[number].clock(at: now)
        guard let message = connections[connection].words.message(agents[number].news.saying, at: clock) else { return }
        send(message, on: connection)
    }

    private mutating func send(_ message: AgentMessage, on connection: Int) {
        guard let bytes = try? encodeLine(message) else { return }
        if connections[connection].isHalfOpen, !connections[connection].agentWillGiveUp {
            connections[connection].agentWillGiveUp = true
            plan(.agentGivesUp(connection), in: Self.silenceLimit)
        }
        let cut = random.chance(20) ? random.below(bytes.count) : 0
        if cut > 0 { deliver(.bytesToBalancer(connection, Array(bytes[..<cut])), on: connection) }
        deliver(.bytesToBalancer(connection, Array(bytes[cut...])), on: connection)
    }

    private mutating func agentReceives(_ bytes: [UInt8], on connection: Int) throws(Violation) {
        let number = connections[connection].agent
        guard agents[number].connection == connection else { return }
        connections[connection].isAnswered = true
        let lines: [[UInt8]]
        do { lines = try agents[number].lines.append(bytes) } catch {
            throw Violation(.agentsAreUnderstood, "\(error)")
        }
        for line in lines {
            let message: BalancerMessage?
            do { message = try BalancerMessage.decode(line: line) } catch {
                throw Violation(.agentsAreUnderstood, "\(error)")
            }
            trace.note("\(agents[number].id) hears \(message.map { "\($0)" } ?? "nothing new")")
            switch message {
            case .welcome:
                agents[number].wasWelcome = true
                agents[number].state.connected(0)
            case .poll:
                agents[number].watch.demandPoll()
                ask(number)
            case .drained:
                agents[number].state.drained(0)
                try leaveIfPossible(number)
            case .refused(let reason):
                throw Violation(.agentsAreUnderstood, "\(agents[number].id) was refused: \(reason)")
            case .notice, .leases, .promptSeed, .prompt, .load, .unload, .log, .endLog, nil: break
            }
        }
    }

    private mutating func giveUp(_ connection: Int) throws(Violation) {
        guard !connections[connection].isAnswered || connections[connection].agentWillGiveUp else { return }
        try lose(connection, "nothing comes")
        endForBalancer(connection)
    }

    private mutating func lose(_ connection: Int, _ reason: String) throws(Violation) {
        let number = connections[connection].agent
        connections[connection].isOpenForAgent = false
        endForBalancer(connection)
        guard agents[number].connection == connection else { return }
        trace.note("\(agents[number].id) has lost its connection: \(reason)")
        guard !profile.isCalm || agents[number].news.isLeaving else {
            throw Violation(.heartbeats, "\(agents[number].id) has lost its connection, and why?")
        }
        agents[number].connection = nil
        agents[number].state.lost(0, at: agents[number].clock(at: now))
        if agents[number].wasWelcome { agents[number].backoff.reset() }
        if agents[number].news.isLeaving { return end(number) }
        plan(.reconnect(number), in: agents[number].backoff.next(using: &random))
    }

    // MARK: - Leaving

    mutating func stopAgent(_ number: Int) throws(Violation) {
        guard agents[number].isAlive, !agents[number].state.isDraining else { return }
        agents[number].isToldToStop = true
        guard agents[number].suspendedUntil <= now else {
            return events.add(.toldToStop(number), at: agents[number].suspendedUntil)
        }
        trace.note("\(agents[number].id) is told to stop")
        agents[number].state.drain()
        agents[number].news.withdrawal.stop()
        say(number)
        plan(.farewellLimit(number), in: Self.drainLimit)
        try leaveIfPossible(number)
    }

    private mutating func leaveIfPossible(_ number: Int) throws(Violation) {
        guard agents[number].state.mayLeave, !agents[number].news.isLeaving else { return }
        try checkDeparture(of: number)
        leave(number)
    }

    private mutating func leave(_ number: Int) {
        guard !agents[number].news.isLeaving else { return }
        agents[number].news.withdrawal.leave()
        say(number)
        trace.note("\(agents[number].id) says goodbye")
        end(number)
    }

    /// The process is gone, and with it what it held.
    mutating func end(_ number: Int) {
        agents[number].isAlive = false
        disturbed(agents[number].server)
        guard let connection = agents[number].connection else { return }
        agents[number].connection = nil
        connections[connection].isOpenForAgent = false
        endForBalancer(connection)
    }
}
