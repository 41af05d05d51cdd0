import ExtProcMessages
import LlamaServer
import NIOCore
import ProxyExchange
import Scheduling
import SeededRandom

// What servers do with what Envoys send them.

extension PickSimulation {
    func run(of attempt: EnvoyAttempt) -> (server: Int, PickedServer.Run)? {
        for server in servers.indices {
            if let run = servers[server].running.first(where: { $0.attempt === attempt }) { return (server, run) }
        }
        return nil
    }

    /// The request goes to the server that was picked.
    mutating func connect(_ attempt: EnvoyAttempt, to destination: String) throws(Violation) {
        guard let server = servers.firstIndex(where: { "\($0.address)" == destination }) else {
            throw Violation(.noPhantoms, "\(attempt.client.number) is sent to \(destination)")
        }
        if !isCalm, random.chance(profile.faults / 3) { return fails(attempt, 503, flags: 0x80) }
        switch servers[server].life {
        case .dead: return fails(attempt, 503, flags: random.pick([0x20, 0x02, 0x22]))
        case .loading: return fails(attempt, 503)
        case .up:
            if !isCalm, random.chance(profile.faults) { return fails(attempt, 503) }
        }
        try begin(attempt, at: server)
    }

    private mutating func begin(_ attempt: EnvoyAttempt, at server: Int) throws(Violation) {
        let client = attempt.client
        if let request = attempt.request, request.breaks >= profile.configuration.maximumAttempts {
            throw Violation(.attempts, "\(client.number) was broken off \(request.breaks) times, and is sent again")
        }
        attempt.stage = .carried
        trace.note("\(client.number) begins at \(server)")
        let slots = client.demand.slots(of: servers[server].slots)
        servers[server].running.append(PickedServer.Run(attempt, slots: slots))
        guard servers[server].processing <= servers[server].slots else {
            throw Violation(
                .slotsExist,
                "\(servers[server].processing) run at \(server), which has \(servers[server].slots) slots"
            )
        }
    }

    /// Some request that runs goes a step further.
    mutating func serverActs() throws(Violation) {
        let server = random.below(servers.count)
        guard let run = servers[server].running.randomElement(using: &random) else { return }
        guard !run.isForsaken else {
            trace.note("\(server) has noticed that the client of \(run.attempt.client.number) left")
            return servers[server].running.removeAll { $0 === run }
        }
        if !isCalm, random.chance(profile.faults) { return breaksOff(run, at: server) }
        let attempt = run.attempt
        switch attempt.stage {
        case .carried: answerBegins(attempt)
        case .alone(isAnswering: false): attempt.stage = .alone(isAnswering: true)
        case .answering where attempt.client.kind.isFullDuplex && random.chance(50) && !attempt.isHeadAlone:
            let piece = ByteBuffer(bytes: random.bytes(random.below(4)))
            attempt.unreturned.append(piece)
            tell(.responseBody(piece, endsStream: false), attempt)
        case .answering, .alone(isAnswering: true): answerEnds(run, at: server)
        case .awaitingHead, .awaitingBody, .awaitingPieces, .judged, .closing, .over: break
        }
    }

    private mutating func answerBegins(_ attempt: EnvoyAttempt) {
        attempt.isHeadAlone = random.chance(10)
        attempt.stage = .judged(isFailure: false)
        let status = HeaderFields.Field(":status", random.pick(["200", "200", "400", "500"]))
        tell(.responseHeaders(HeaderFields([status], endsStream: attempt.isHeadAlone)), attempt)
    }

    private mutating func answerEnds(_ run: PickedServer.Run, at server: Int) {
        let attempt = run.attempt
        trace.note("\(attempt.client.number) is answered by \(server)")
        servers[server].running.removeAll { $0 === run }
        guard case .answering = attempt.stage, attempt.client.kind.isFullDuplex, !attempt.isHeadAlone else {
            attempt.client.state = .ended(.whole)
            return over(attempt)
        }
        attempt.stage = .closing(.whole)
        if random.chance(20) {
            attempt.unreturned.append(nil)
            return tell(.responseTrailers, attempt)
        }
        let last = ByteBuffer(bytes: random.bytes(random.below(2)))
        attempt.unreturned.append(last)
        tell(.responseBody(last, endsStream: true), attempt)
    }

    /// The connection to the server ends.
    private mutating func breaksOff(_ run: PickedServer.Run, at server: Int) {
        let attempt = run.attempt
        trace.note("\(server) breaks \(attempt.client.number) off")
        servers[server].running.removeAll { $0 === run }
        switch attempt.stage {
        case .carried:
            attempt.request?.breaks += 1
            let flags: UInt64 = random.pick([0x40, 0x10, 0x80_0000])
            fails(attempt, flags == 0x80_0000 ? 502 : 503, flags: flags)
        case .judged, .answering, .alone(isAnswering: true):
            attempt.client.state = .ended(.cut)
            over(attempt)
        case .alone(isAnswering: false):
            attempt.client.state = .ended(.failed)
            over(attempt)
        case .awaitingHead, .awaitingBody, .awaitingPieces, .closing, .over: break
        }
    }

    mutating func changeServer() throws(Violation) {
        let server = random.below(servers.count)
        switch servers[server].life {
        case .up:
            guard random.chance(profile.faults * 2) else { break }
            servers[server].life = random.chance(30) ? .loading : .dead
            trace.note("\(server) is \(servers[server].life)")
            for run in servers[server].running { breaksOff(run, at: server) }
        case .loading: servers[server].life = .up
        case .dead: servers[server].life = random.pick([.loading, .up])
        }
        report(server)
    }

    /// What its agent says of it, as it is.
    ///
    /// Of slots it speaks only while the server has what is leased there, and where it has more than that, when no lease has
    /// come or gone for a while: what looks make of leases that are late, or early, is for the scene of the scheduler, and of a
    /// fleet. So no slot may be used twice here.
    mutating func report(_ server: Int, isQuiet: Bool = false) {
        guard phase != .gone else { return }
        let isUp = servers[server].life == .up
        guard !isUp || isSettled(server) && (isQuiet || !hasStrangers(server)) else { return }
        let report = UpstreamReport(
            agent: AgentID(rawValue: "a\(server)"),
            route: UpstreamRoute(address: servers[server].address),
            condition: isUp ? .ready : servers[server].life == .loading ? .loading : .down("gone"),
            slots: isUp
                ? SlotSample(
                    total: servers[server].slots,
                    processing: servers[server].processing,
                    taken: now...now
                )
                : nil,
            maximumSilence: .seconds(1_000_000)
        )
        deferred += Array(scheduler.reported(report, at: now))
    }

    /// What a sample can't tell to the moment: longer than `LeaseHistory` looks back.
    static let quiet = Duration.milliseconds(250)

    /// Whether requests run there for which the balancer has no lease.
    func hasStrangers(_ server: Int) -> Bool {
        servers[server].running.contains { run in
            run.isForsaken || !run.attempt.isOpenAtBalancer || run.attempt.request?.exchange.lease == nil
        }
    }

    private func isSettled(_ server: Int) -> Bool {
        let address = servers[server].address
        let isDecided = deferred.contains { decision in
            if case .dispatch(let lease) = decision { lease.route.address == address } else { false }
        }
        guard !isDecided else { return false }
        return requests.allSatisfy { request in
            guard let lease = request.exchange.lease, lease.route.address == address else { return true }
            guard case .stream(let attempt) = request.transport else { return false }
            return servers[server].running.contains { $0.attempt === attempt && !$0.isForsaken }
        }
    }
}
