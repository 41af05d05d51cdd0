import ExtProcMessages
import LlamaServer
import NIOCore
import PickRules
import ProxyExchange
import Scheduling
import SeededRandom

// What the balancer does with what Envoys tell: as `EndpointPicking` and `ReverseProxy`, without sockets.

extension PickSimulation {
    var deadline: NIODeadline { .uptimeNanoseconds(UInt64(now.nanoseconds)) }

    mutating func deliverToBalancer() throws(Violation) {
        let told = attempts.filter { !$0.toBalancer.isEmpty && !$0.connection.isCut }
        guard let attempt = told.randomElement(using: &random) else { return }
        let word = attempt.toBalancer.removeFirst()
        guard attempt.isOpenAtBalancer else { return }
        switch word {
        case .message(let message): try receive(message, attempt)
        case .end:
            try ended(attempt, withConnection: false)
            close(attempt)
        }
    }

    private mutating func receive(_ message: ProcessingRequest, _ attempt: EnvoyAttempt) throws(Violation) {
        let read: (event: PickConversation.Event, answers: [ProcessingResponse])
        do throws(PickConversation.Violation) {
            read = try attempt.conversation.received(message)
        } catch {
            throw Violation(.answeredOnce, "what the Envoy of \(attempt.client.number) says is refused: \(error)")
        }
        try carryOut(read.event, attempt)
        say(read.answers, attempt)
    }

    private mutating func carryOut(_ event: PickConversation.Event, _ attempt: EnvoyAttempt) throws(Violation) {
        switch event {
        case .none: break
        case .begins(let start): try begin(start, attempt)
        case .body(_, let isLast):
            guard isLast, !attempt.isResumed, let request = attempt.request else { break }
            try submit(request)
        case .fails(let failure, _):
            if let request = attempt.request {
                try fails(request, failure, attempt)
            } else {
                try passOn(attempt)
            }
        case .answers(let status):
            if let request = attempt.request, request.exchange.responseBegins() != nil { request.status = status }
        case .answered:
            if let request = attempt.request {
                attempt.request = nil
                try pickEnded(.answered, request, attempt)
            }
        case .givenUp:
            if let request = attempt.request {
                attempt.request = nil
                try pickEnded(.clientLeft, request, attempt)
            }
        }
    }

    private mutating func begin(_ start: PickStart, _ attempt: EnvoyAttempt) throws(Violation) {
        attempt.start = start
        let loop = attempt.connection.loop
        let known = requests.contains { $0.client === attempt.client && $0.isAwaited && $0.loop == loop }
        if start.isAgain, let id = start.attemptID, let request = awaited[loop].take(id) {
            guard request.client === attempt.client else {
                throw Violation(
                    .comesAgain,
                    "\(attempt.client.number) is taken for \(request.client.number), which comes again"
                )
            }
            attempt.request = request
            attempt.isResumed = true
            try resume(request, attempt)
            return say(attempt.conversation.tookHead(), attempt)
        }
        guard !known else {
            throw Violation(.comesAgain, "\(attempt.client.number) has come again, and isn't known")
        }
        lastRequest += 1
        let exchange = Exchange(
            RequestID(rawValue: lastRequest),
            isSlotless: false,
            isIdempotent: false,
            .init(attemptsAfterSend: 2, connect: .seconds(2))
        )
        let request = PickedRequest(of: attempt.client, on: loop, exchange, over: attempt)
        requests.append(request)
        attempt.request = request
        if start.body != .told { try submit(request) }
        say(attempt.conversation.tookHead(), attempt)
    }

    private mutating func resume(_ request: PickedRequest, _ attempt: EnvoyAttempt) throws(Violation) {
        guard case .awaited(_, let answer) = request.transport else {
            throw Violation(.comesAgain, "\(attempt.client.number) is carried by two attempts at one time")
        }
        trace.note("\(attempt.client.number) goes on")
        request.transport = .stream(attempt)
        if let answer {
            say(attempt.conversation.answer(answer), attempt)
            close(attempt)
            return
        }
        if case .connecting(let target, _) = request.exchange.state { go(request, to: target, attempt) }
    }

    private mutating func submit(_ request: PickedRequest) throws(Violation) {
        let submission = scheduler.submit(request.exchange.request, for: request.client.demand, at: now)
        try carryOut(request.exchange.submitted(submission), for: request)
    }

    // MARK: - Where it goes

    mutating func pick(_ target: Target, for request: PickedRequest) throws(Violation) {
        _ = request.exchange.connects(to: target)
        guard case .stream(let attempt) = request.transport, attempt.conversation.takesPick else {
            return try comeAgain(request)
        }
        go(request, to: target, attempt)
    }

    private mutating func go(_ request: PickedRequest, to target: Target, _ attempt: EnvoyAttempt) {
        request.exchange.sent(to: target)
        var pick = Pick("\(target.route.address)")
        if attempt.start?.body == .told { pick.body = attempt.client.body }
        trace.note("\(attempt.client.number) is to go to \(target.route.address)")
        say(attempt.conversation.pick(pick), attempt)
    }

    /// It is queued: after an attempt that failed, it waits for the next one.
    mutating func waitForPick(_ request: PickedRequest) throws(Violation) {
        guard case .stream(let attempt) = request.transport, !attempt.conversation.takesPick else { return }
        try comeAgain(request)
    }

    private mutating func comeAgain(_ request: PickedRequest) throws(Violation) {
        guard case .stream(let attempt) = request.transport else { return }
        guard let id = attempt.start?.attemptID else {
            try leaveBehind(request.exchange.cannotBeSentAgain(), of: request)
            return answer(request, 502)
        }
        request.transport = .awaited(since: now, answer: nil)
        attempt.request = nil
        if let former = awaited[request.loop].keep(request, as: id, at: deadline) {
            try close(former, goesOn: false)
        }
        say(attempt.conversation.sendAgain(), attempt)
    }

    // MARK: - How it ends

    private mutating func fails(
        _ request: PickedRequest,
        _ failure: PickFailure,
        _ attempt: EnvoyAttempt
    ) throws(Violation) {
        guard case .awaitingResponse(let target) = request.exchange.state else { return try passOn(attempt) }
        let comesAgain = attempt.start?.attemptID != nil
        if !comesAgain { request.exchange.isForOneServer = true }
        switch failure {
        case .envoyIsFull where !comesAgain:
            if let release = request.exchange.isAnsweredHere(.unsent) { try giveBack(release.target, release.outcome) }
            answer(request, 503)
        case .notConnected, .envoyIsFull:
            let begun = request.exchange.connects(to: target)
            let isOwnFault = failure == .envoyIsFull
            let action = request.exchange.connectFailed(begun, "", isOwnFault: isOwnFault, at: now)
            try carryOut(action, for: request)
        case .brokenOff:
            try carryOut(request.exchange.brokeOff(.perhapsExecuted), for: request)
        case .unavailable:
            guard request.exchange.mayGoElsewhere else {
                if request.exchange.responseBegins() != nil { request.status = 503 }
                return try passOn(attempt)
            }
            try carryOut(request.exchange.notExecuted(.unavailable(.loading)), for: request)
        }
    }

    private mutating func passOn(_ attempt: EnvoyAttempt) throws(Violation) {
        let (event, answers) = attempt.conversation.passOn()
        say(answers, attempt)
        try carryOut(event, attempt)
    }

    mutating func ended(_ attempt: EnvoyAttempt, withConnection: Bool) throws(Violation) {
        let ending = attempt.conversation.ended(withConnection: withConnection)
        guard let request = attempt.request else { return }
        attempt.request = nil
        try pickEnded(ending, request, attempt)
    }

    private mutating func pickEnded(
        _ ending: PickConversation.Ending,
        _ request: PickedRequest,
        _ attempt: EnvoyAttempt
    ) throws(Violation) {
        try checkEnding(ending, attempt)
        switch ending {
        case .nothing, .clientLeft, .cut: try close(request, goesOn: false)
        case .answered:
            if let target = request.exchange.responseEnds() {
                request.hasEnded = true
                try giveBack(target, .answered)
            }
            try close(request, goesOn: false)
        case .outOfSight: try close(request, goesOn: true)
        }
    }

    /// - Parameter goesOn: its server may go on all the same.
    mutating func close(_ request: PickedRequest, goesOn: Bool) throws(Violation) {
        request.transport = .none
        guard !request.hasEnded else { return }
        request.hasEnded = true
        try leaveBehind(request.exchange.clientLeft(goesOn: goesOn), of: request, goesOn: goesOn)
    }

    private mutating func leaveBehind(
        _ departure: Exchange.Departure,
        of request: PickedRequest,
        goesOn: Bool = false
    ) throws(Violation) {
        switch departure {
        case .nothing, .fromQueue(.server): break
        case .fromQueue(.slot(let ticket)):
            let (_, decisions) = scheduler.cancel(ticket, at: now)
            try carryOut(decisions)
        case .beforeSending(let release): try giveBack(release.target, release.outcome)
        case .fromUpstream(let target), .fromGeneration(let target):
            let isUnanswered = goesOn || request.status == 0
            try giveBack(target, .clientLeft(runsOn: isUnanswered ? .untilItLooks : .briefly))
        }
    }

    // MARK: - What Envoys are answered

    /// The client gets an answer of the balancer's own.
    mutating func answer(_ request: PickedRequest, _ status: Int) {
        trace.note("\(request.client.number) is answered here: \(status)")
        request.hasEnded = true
        var response = ProcessingResponse.ImmediateResponse(status: status)
        switch request.transport {
        case .stream(let attempt):
            // Who is about to stop has Envoy ask again.
            if phase != .accepting, attempt.start?.attemptID != nil {
                response.fields.append(.init(PickStart.againField, "1"))
            }
            say(attempt.conversation.answer(response), attempt)
            attempt.request = nil
            close(attempt)
        case .awaited(let since, _): request.transport = .awaited(since: since, answer: response)
        case .none: break
        }
    }

    private func say(_ answers: [ProcessingResponse], _ attempt: EnvoyAttempt) {
        attempt.toEnvoy += answers.map { .message($0) }
    }

    /// Nothing more is said.
    private func close(_ attempt: EnvoyAttempt) {
        guard attempt.isOpenAtBalancer else { return }
        attempt.isOpenAtBalancer = false
        attempt.toEnvoy.append(.end)
    }
}
