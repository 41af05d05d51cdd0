import PickRules
import Scheduling
import SeededRandom

// Connections that are lost, and balancers that stop and come back.

extension PickSimulation {
    /// The one over which an Envoy asks; nil: nobody is there.
    mutating func connection(of envoy: Int) -> EnvoyConnection? {
        let open = connections.filter { $0.envoy == envoy && !$0.isGoneForEnvoy }
        // Each of an Envoy's threads has one.
        if let connection = open.randomElement(using: &random), open.count > 1 || random.chance(70) {
            return connection
        }
        guard phase != .gone else { return nil }
        let connection = EnvoyConnection(of: envoy, on: random.below(awaited.count))
        connections.append(connection)
        return connection
    }

    mutating func changeConnection() throws(Violation) {
        guard let connection = connections.randomElement(using: &random) else { return }
        if connection.isCut {
            if random.chance(50) { try noticeAtBalancer(connection) } else { noticeAtEnvoy(connection) }
        } else if random.chance(profile.faults) {
            trace.note("a connection of the Envoy \(connection.envoy) is lost")
            connection.isCut = true
        }
    }

    mutating func noticeAtBalancer(_ connection: EnvoyConnection) throws(Violation) {
        guard !connection.isGoneForBalancer else { return }
        connection.isGoneForBalancer = true
        trace.note("the balancer has lost the Envoy \(connection.envoy)")
        for attempt in attempts where attempt.connection === connection && attempt.isOpenAtBalancer {
            attempt.isOpenAtBalancer = false
            try ended(attempt, withConnection: true)
        }
    }

    mutating func noticeAtEnvoy(_ connection: EnvoyConnection) {
        guard !connection.isGoneForEnvoy else { return }
        connection.isGoneForEnvoy = true
        trace.note("the Envoy \(connection.envoy) has lost the balancer")
        for attempt in attempts where attempt.connection === connection { goOnAlone(attempt) }
    }

    /// By `failure_mode_allow`: what was picked goes on, but not what goes through the picker.
    private mutating func goOnAlone(_ attempt: EnvoyAttempt) {
        let client = attempt.client
        switch attempt.stage {
        case .awaitingHead, .awaitingBody, .awaitingPieces:
            attempt.stage = .over
            notThere(client)
        case .carried where !client.kind.isFullDuplex: attempt.stage = .alone(isAnswering: false)
        case .judged(isFailure: false) where !client.kind.isFullDuplex,
            .answering where !client.kind.isFullDuplex:
            attempt.stage = .alone(isAnswering: true)
        case .judged(isFailure: true):
            attempt.stage = .over
            client.state = .ended(.failed)
        case .carried, .judged, .answering, .closing:
            forsake(attempt)
            attempt.stage = .over
            client.state = .ended(.cut)
        case .alone, .over: break
        }
    }

    // MARK: - The balancer

    mutating func changeBalancer() throws(Violation) {
        guard profile.hasRestarts, random.chance(phase == .accepting ? 5 : 50) else { return }
        switch phase {
        case .accepting where random.chance(50):
            trace.note("the balancer stops")
            phase = .finishing
            scheduler.stopAccepting()
        case .finishing where random.chance(50):
            trace.note("the balancer waits no longer for what waits")
            phase = .closed
            try carryOut(scheduler.rejectAll(at: now))
        case .accepting, .finishing, .closed: dies()
        case .gone: try returnAnew()
        }
    }

    /// All that it knew is lost.
    private mutating func dies() {
        trace.note("the balancer is gone")
        phase = .gone
        tally += SimulationTally(schedules: 0, steps: 0, scheduler.snapshot(at: now).counters)
        for connection in connections {
            connection.isCut = true
            connection.isGoneForBalancer = true
        }
        for attempt in attempts {
            attempt.isOpenAtBalancer = false
            attempt.request = nil
        }
        for request in requests {
            request.transport = .none
            request.hasEnded = true
        }
        requests = []
        awaited = Self.noneAwaited
        begun = []
        deferred = []
    }

    /// Another one in its place.
    mutating func returnAnew() throws(Violation) {
        if phase != .gone { dies() }
        trace.note("a balancer comes")
        phase = .accepting
        scheduler = Scheduler(configuration: profile.configuration)
        for server in servers.indices { report(server, isQuiet: true) }
        try carryOutDeferred()
    }
}
