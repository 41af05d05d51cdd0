import ExtProcMessages
import NIOCore
import PickRules
import Scheduling
import SeededRandom

// Clients, and the attempts that Envoys make at their requests.

extension PickSimulation {
    mutating func ask() {
        clients.removeAll { $0.hasEnded }
        guard clients.count < profile.crowd else { return }
        lastClient += 1
        let envoy = random.below(envoys.count)
        let kind = envoys[envoy]
        let others = clients.filter { $0.kind.comesAgain }
        let body = random.chance(70) ? ByteBuffer(bytes: random.bytes(random.pick([1, 20, 200_000]))) : nil
        let client = EnvoyClient(
            lastClient,
            of: envoy,
            kind,
            profile.demand(&random),
            body: body,
            hasTrailers: body != nil && kind.isFullDuplex && random.chance(20),
            claims: kind.comesAgain ? nil : others.randomElement(using: &random)?.id,
            at: now
        )
        clients.append(client)
        trace.note("\(client.number) comes to the Envoy \(envoy), \(kind)")
        attempt(client)
    }

    /// Those whose pause is over.
    mutating func sendAgain() {
        for client in clients {
            guard case .pausing(let until) = client.state, until <= now else { continue }
            attempt(client)
        }
    }

    private mutating func attempt(_ client: EnvoyClient) {
        client.attempts += 1
        guard let connection = connection(of: client.envoy) else { return notThere(client) }
        let attempt = EnvoyAttempt(at: client, over: connection)
        attempts.append(attempt)
        client.state = .trying(attempt)
        trace.note("\(client.number) is asked for, attempt \(client.attempts)")
        tell(.requestHeaders(HeaderFields(fields(of: client), endsStream: client.body == nil)), attempt)
        guard client.kind.isFullDuplex, let body = client.body else { return }
        for (piece, isLast) in pieces(of: body) {
            tell(.requestBody(piece, endsStream: isLast && !client.hasTrailers), attempt)
        }
        if client.hasTrailers { tell(.requestTrailers, attempt) }
    }

    private func fields(of client: EnvoyClient) -> [HeaderFields.Field] {
        var fields = [HeaderFields.Field(":method", "POST"), .init(":path", "/v1/chat/completions")]
        if client.kind.comesAgain {
            fields.append(.init(PickStart.attemptIDField, client.id))
            fields.append(.init(PickStart.attemptCountField, String(client.attempts)))
        } else if let claims = client.claims {
            fields.append(.init(PickStart.attemptIDField, claims))
            fields.append(.init(PickStart.attemptCountField, "2"))
        }
        return fields
    }

    /// No balancer could be asked: what isn't picked is answered 503 by Envoy itself, and sent again where it is its own.
    mutating func notThere(_ client: EnvoyClient) {
        trace.note("\(client.number) can't be asked for")
        if client.kind.comesAgain { pause(client) } else { client.state = .ended(.failed) }
    }

    /// As a rule Envoy comes again at once; where it is busy it may come too late.
    mutating func pause(_ client: EnvoyClient) {
        client.state = .pausing(until: now + .milliseconds(isCalm || random.chance(95) ? random.below(1000) : 3000))
    }

    /// Some client goes away.
    mutating func leave() throws(Violation) {
        guard random.chance(profile.leaving),
            let client = clients.filter({ !$0.hasEnded }).randomElement(using: &random)
        else { return }
        trace.note("the client of \(client.number) leaves")
        guard case .trying(let attempt) = client.state else {
            client.state = .ended(.left)
            return
        }
        client.state = .ended(.left)
        forsake(attempt)
        over(attempt)
    }

    /// What runs for it at a server ends by itself, sooner or later.
    mutating func forsake(_ attempt: EnvoyAttempt) {
        guard let (server, run) = run(of: attempt) else { return }
        switch attempt.stage {
        case .carried, .alone(isAnswering: false):
            // A server that computes a prompt doesn't look.
            if random.chance(60) {
                run.isForsaken = true
            } else {
                servers[server].running.removeAll { $0 === run }
            }
        case .awaitingHead, .awaitingBody, .awaitingPieces, .judged, .answering, .closing, .alone, .over:
            // It can't send its next token.
            servers[server].running.removeAll { $0 === run }
        }
    }

    /// The stream has done what it was for.
    mutating func over(_ attempt: EnvoyAttempt) {
        if case .over = attempt.stage { return }
        attempt.stage = .over
        attempt.toBalancer.append(.end)
        attempt.toEnvoy = []
    }

    /// Some Envoy has waited for too long, and tells its client so.
    mutating func giveUpWaiting() throws(Violation) {
        guard random.chance(profile.faults), !isCalm else { return }
        let waiting = attempts.filter { attempt in
            guard !attempt.client.kind.isFullDuplex else { return false }
            switch attempt.stage {
            case .awaitingHead, .awaitingBody: return true
            case .awaitingPieces, .carried, .judged, .answering, .closing, .alone, .over: return false
            }
        }
        guard let attempt = waiting.randomElement(using: &random) else { return }
        trace.note("the Envoy of \(attempt.client.number) waits no longer")
        tell(.responseHeaders(HeaderFields([.init(":status", "504")], endsStream: false)), attempt)
        attempt.client.state = .ended(.failed)
        over(attempt)
    }

    /// An Envoy says something on a stream.
    func tell(_ part: ProcessingRequest.Part, _ attempt: EnvoyAttempt, flags: UInt64 = 0) {
        var message = ProcessingRequest(part)
        if case .requestHeaders = part {
            let kind = attempt.client.kind
            if kind.requestBodyMode != .none || kind.responseBodyMode != .none {
                message.requestBodyMode = kind.requestBodyMode
                message.responseBodyMode = kind.responseBodyMode
            }
        }
        message.responseFlags = flags
        attempt.toBalancer.append(.message(message))
    }

    /// One at least; the last one may be empty.
    mutating func pieces(of body: ByteBuffer) -> [(ByteBuffer, isLast: Bool)] {
        var rest = body
        var pieces: [(ByteBuffer, isLast: Bool)] = []
        while rest.readableBytes > 1, random.chance(50), pieces.count < 3 {
            let piece = rest.readSlice(length: 1 + random.below(rest.readableBytes - 1)) ?? ByteBuffer()
            pieces.append((piece, false))
        }
        if random.chance(20) {
            pieces.append((rest, false))
            rest.clear()
        }
        pieces.append((rest, true))
        return pieces
    }
}
