import NIOCore
import PickRules
import ProxyExchange
import Scheduling

// What must hold after every step.

extension PickSimulation {
    mutating func check() throws(Violation) {
        tidy()
        guard phase != .gone else { return }
        let violations = scheduler.violations()
        guard violations.isEmpty else { throw Violation(.books, violations) }
        for request in requests { try checkCarried(request) }
        try checkCounts()
    }

    /// What has come to its end on both sides is forgotten.
    private mutating func tidy() {
        attempts.removeAll { attempt in
            let isSilent = attempt.connection.isCut || attempt.toBalancer.isEmpty && attempt.toEnvoy.isEmpty
            return attempt.isOver && isSilent && !attempt.isOpenAtBalancer
        }
        connections.removeAll { $0.isGoneForEnvoy && $0.isGoneForBalancer }
        requests.removeAll { $0.hasEnded && !$0.isAwaited }
    }

    /// Each request that is held is held for somebody.
    private func checkCarried(_ request: PickedRequest) throws(Violation) {
        switch request.transport {
        case .stream(let attempt):
            guard attempt.isOpenAtBalancer, attempt.request === request else {
                throw Violation(.nothingIsLeft, "\(request.client.number) is held, and its stream is over")
            }
        case .awaited: break
        case .none: throw Violation(.nothingIsLeft, "\(request.client.number) is held for nobody")
        }
    }

    private func checkCounts() throws(Violation) {
        let decided = deferred.compactMap { decision -> RequestID? in
            switch decision {
            case .dispatch(let lease): lease.request
            case .reject(let request, _): request
            case .send, .poll, .drained, .cooled, .wish: nil
            }
        }
        let onTheirWay = deferred.count { if case .dispatch = $0 { true } else { false } }
        let leased = requests.count { !$0.hasEnded && $0.exchange.lease != nil } + onTheirWay
        guard scheduler.leasedCount == leased else {
            throw Violation(.nothingIsLost, "\(scheduler.leasedCount) slots are leased, for \(leased) requests")
        }
        let queued = requests.count { !$0.hasEnded && $0.isQueued && !decided.contains($0.exchange.request) }
        guard scheduler.queuedCount == queued else {
            throw Violation(.nothingIsLost, "\(scheduler.queuedCount) are queued, for \(queued) requests")
        }
        let kept = awaited.reduce(0) { $0 + $1.count }
        let between = requests.count(where: \.isAwaited)
        guard kept == between else {
            throw Violation(.nothingIsLeft, "\(kept) are kept between two attempts, and \(between) are there")
        }
    }

    /// Nobody is kept for longer than an Envoy may take.
    func checkAwaited() throws(Violation) {
        for request in requests {
            guard case .awaited(let since, _) = request.transport else { continue }
            guard now - since < .nanoseconds(AwaitedAgain<PickedRequest>.patience.nanoseconds) else {
                throw Violation(.comesAgain, "\(request.client.number) is kept for an attempt that doesn't come")
            }
        }
    }

    /// What the end of a stream is taken for.
    func checkEnding(_ ending: PickConversation.Ending, _ attempt: EnvoyAttempt) throws(Violation) {
        if case .answered = ending, run(of: attempt) != nil {
            throw Violation(.cooling, "\(attempt.client.number) is still being answered, and its slot counts as idle")
        }
        guard case .ended(let end) = attempt.client.state, !attempt.connection.isCut else { return }
        switch (end, ending) {
        case (.whole, .answered): break
        case (.whole, _):
            throw Violation(.cooling, "\(attempt.client.number) was answered, and its slot counts on: \(ending)")
        case (.cut, .answered) where attempt.client.kind.isFullDuplex && !attempt.isHeadAlone,
            (.left, .answered) where attempt.client.kind.isFullDuplex && isCutShort(attempt):
            throw Violation(.wholeResponses, "what \(attempt.client.number) has got is taken for a whole answer")
        case (.cut, _), (.refused, _), (.failed, _), (.left, _): break
        }
    }

    /// Its Envoy never told the end of the answer.
    private func isCutShort(_ attempt: EnvoyAttempt) -> Bool {
        !attempt.isHeadAlone && attempt.unreturned.isEmpty
    }

    /// A client is told of a failure that there was.
    func checkEnding(_ ending: Exchange.Ending, of request: PickedRequest) throws(Violation) {
        switch ending {
        case .rejected(.attemptsExhausted(let attempts), _):
            guard attempts == request.breaks else {
                throw Violation(
                    .attempts,
                    "\(request.client.number) is given up after \(attempts) breaks, and there were \(request.breaks)"
                )
            }
        case .brokenOff, .serverDied:
            guard request.breaks > 0 else {
                throw Violation(.attempts, "\(request.client.number) is given up, and nothing has broken it off")
            }
        case .rejected, .noConnection, .noMeans, .malformed: break
        }
    }

    func checkRest() throws(Violation) {
        guard scheduler.queuedCount == 0, awaited.allSatisfy(\.isEmpty) else {
            throw Violation(.nothingIsLeft, "\(scheduler.queuedCount) wait when nobody does")
        }
        let slots = servers.reduce(0) { $0 + $1.slots }
        guard scheduler.summary.slotsIdle == slots else {
            throw Violation(.recovery, "\(scheduler.summary.slotsIdle) slots are idle when all \(slots) are")
        }
    }
}
