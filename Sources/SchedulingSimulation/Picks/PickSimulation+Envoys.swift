import ExtProcMessages
import NIOCore
import PickRules
import ProxyExchange
import Scheduling
import SeededRandom

// What Envoys do with what they are answered.

extension PickSimulation {
    mutating func deliverToEnvoy() throws(Violation) {
        let told = attempts.filter { !$0.toEnvoy.isEmpty && !$0.connection.isCut }
        guard let attempt = told.randomElement(using: &random) else { return }
        switch attempt.toEnvoy.removeFirst() {
        case .message(let response): try receive(response, attempt)
        case .end: try streamEnds(attempt)
        }
    }

    private func streamEnds(_ attempt: EnvoyAttempt) throws(Violation) {
        guard attempt.isOver else {
            throw Violation(.answeredOnce, "the stream of \(attempt.client.number) ends before its time")
        }
    }

    private mutating func receive(_ response: ProcessingResponse, _ attempt: EnvoyAttempt) throws(Violation) {
        let client = attempt.client
        switch (response, attempt.stage) {
        case (_, .over): break
        case (.requestHeaders(_, nil), .awaitingHead) where client.kind == .ownWithBodies && client.body != nil:
            attempt.stage = .awaitingBody
            tell(.requestBody(client.body ?? ByteBuffer(), endsStream: true), attempt)
        case (.requestHeaders(let head, let destination?), .awaitingHead)
        where client.kind != .ownWithBodies || client.body == nil:
            try checkPick(head, destination, attempt)
            guard client.kind.isFullDuplex, client.body != nil else { return try connect(attempt, to: destination) }
            attempt.stage = .awaitingPieces(destination, ByteBuffer())
        case (.requestBody(let whole, let destination?), .awaitingBody):
            try checkPick(whole, destination, attempt)
            guard whole.body == client.body.map(ProcessingResponse.BodyMutation.whole) else {
                throw Violation(.ownResponses, "the body of \(client.number) isn't its own")
            }
            try connect(attempt, to: destination)
        case (.requestBody(let piece, nil), .awaitingPieces(let destination, let former)):
            guard case .piece(let bytes, let isLast) = piece.body else { throw surprise(response, attempt) }
            var body = former
            body.writeImmutableBuffer(bytes)
            attempt.stage = .awaitingPieces(destination, body)
            guard isLast else { break }
            guard !client.hasTrailers else { throw surprise(response, attempt) }
            try bodyEnds(body, attempt, destination)
        case (.requestTrailers, .awaitingPieces(let destination, let body)) where client.hasTrailers:
            try bodyEnds(body, attempt, destination)
        case (.requestTrailers, _): throw surprise(response, attempt)
        case (.immediate(let answer), .awaitingHead), (.immediate(let answer), .awaitingBody),
            (.immediate(let answer), .judged(isFailure: true)):
            refused(attempt, isAgain: answer.fields.contains { $0.name == PickStart.againField })
        case (.responseHeaders(let head), .judged(let isFailure)): try judge(head, isFailure: isFailure, attempt)
        case (.responseBody, .answering), (.responseBody, .closing), (.responseTrailers, .closing):
            try returns(response, attempt)
        default: throw surprise(response, attempt)
        }
    }

    private func surprise(_ response: ProcessingResponse, _ attempt: EnvoyAttempt) -> Violation {
        Violation(.answeredOnce, "\(attempt.client.number) is answered \(response), when it is \(attempt.stage)")
    }

    private mutating func bodyEnds(
        _ body: ByteBuffer,
        _ attempt: EnvoyAttempt,
        _ destination: String
    ) throws(Violation) {
        guard body == attempt.client.body else {
            throw Violation(.ownResponses, "the body of \(attempt.client.number) isn't its own")
        }
        try connect(attempt, to: destination)
    }

    /// Who is told of a server has a slot there now.
    private func checkPick(
        _ response: ProcessingResponse.CommonResponse,
        _ destination: String,
        _ attempt: EnvoyAttempt
    ) throws(Violation) {
        let client = attempt.client
        let named = response.set.first { $0.name == ProcessingResponse.destinationField }?.value
        guard named == destination, response.clearsRouteCache else {
            throw Violation(.answeredOnce, "\(client.number) is told of \(destination) and of \(named ?? "nothing")")
        }
        if client.kind.isFullDuplex, let body = client.body {
            let length = response.set.first { $0.name == "content-length" }?.value
            guard length == (client.hasTrailers ? nil : String(body.readableBytes)) else {
                throw Violation(.ownResponses, "the body of \(client.number) is said to be \(length ?? "endless")")
            }
        }
        guard let lease = attempt.request?.exchange.lease, "\(lease.route.address)" == destination else {
            throw Violation(.oneSlotEach, "\(client.number) is sent to \(destination), and has no slot there")
        }
    }

    // MARK: - The answer

    private mutating func judge(
        _ head: ProcessingResponse.CommonResponse,
        isFailure: Bool,
        _ attempt: EnvoyAttempt
    ) throws(Violation) {
        let client = attempt.client
        let isAgain = head.set.contains { $0.name == PickStart.againField }
        switch (isAgain, isFailure) {
        case (true, true) where client.kind.comesAgain: refused(attempt, isAgain: true)
        case (true, _): throw Violation(.comesAgain, "\(client.number) is to be sent again, and can't be")
        case (false, true):
            guard !client.kind.comesAgain else {
                throw Violation(.comesAgain, "\(client.number) isn't sent again, and could be")
            }
            attempt.stage = .closing(.failed)
        case (false, false): attempt.stage = .answering
        }
    }

    /// It is answered by the balancer, or sent again.
    private mutating func refused(_ attempt: EnvoyAttempt, isAgain: Bool) {
        if isAgain, attempt.client.kind.comesAgain {
            pause(attempt.client)
        } else {
            attempt.client.state = .ended(.refused)
        }
        over(attempt)
    }

    /// A part of an answer has been to the picker and back.
    private mutating func returns(_ response: ProcessingResponse, _ attempt: EnvoyAttempt) throws(Violation) {
        guard !attempt.unreturned.isEmpty else { throw surprise(response, attempt) }
        switch (response, attempt.unreturned.removeFirst()) {
        case (.responseBody(let common), let bytes?):
            guard case .piece(bytes, _) = common.body else {
                throw Violation(.ownResponses, "a piece of the answer to \(attempt.client.number) isn't its own")
            }
        case (.responseTrailers, nil): break
        default: throw surprise(response, attempt)
        }
        guard attempt.unreturned.isEmpty, case .closing(let end) = attempt.stage else { return }
        attempt.client.state = .ended(end)
        over(attempt)
    }

    /// What has come of the attempt is nothing.
    ///
    /// - Parameter flags: Envoy's `response.flags`; none: the server has answered so itself.
    mutating func fails(_ attempt: EnvoyAttempt, _ status: Int, flags: UInt64 = 0) {
        trace.note("the attempt at \(attempt.client.number) fails: \(status), flags \(flags)")
        let head = HeaderFields([.init(":status", String(status))], endsStream: false)
        attempt.stage = .judged(isFailure: true)
        tell(.responseHeaders(head), attempt, flags: flags)
        guard attempt.client.kind.isFullDuplex else { return }
        let body = ByteBuffer(bytes: random.bytes(5))
        attempt.unreturned = [body]
        let hasTrailers = random.chance(20)
        tell(.responseBody(body, endsStream: !hasTrailers), attempt)
        guard hasTrailers else { return }
        attempt.unreturned.append(nil)
        tell(.responseTrailers, attempt)
    }
}
