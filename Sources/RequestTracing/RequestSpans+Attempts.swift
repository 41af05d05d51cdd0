import LlamaServer
import RequestRecords
import Scheduling

// An attempt, and below it what it consists of.

extension RequestSpans {
    /// A part of an attempt.
    struct Phase: Equatable {
        let part: Int
        let name: String
        let start: Instant
        let end: Instant
        var fails = false
    }

    func add(_ attempt: RequestAttempt, number: Int, to spans: inout [TraceSpan]) {
        var span = child(number, "attempt", kind: .client, attempt.start, attempt.end ?? end)
        span.attributes = attributes(of: attempt)
        span.status = status(of: attempt)
        spans.append(span)
        for phase in phases(of: attempt) {
            var span = child(number, part: phase.part, phase.name, phase.start, phase.end)
            if phase.fails { span.status = .failed(attempt.explanation) }
            spans.append(span)
        }
    }

    /// Whether the request ended in it: what the record says of an answer is of this one.
    private func isLast(_ attempt: RequestAttempt) -> Bool {
        attempt.failure == nil && attempt.end == record.ended
    }

    // MARK: - Its parts

    func phases(of attempt: RequestAttempt) -> [Phase] {
        let attemptEnd = attempt.end ?? end
        var phases: [Phase] = []
        if let connecting = attempt.connecting {
            let end = attempt.sent ?? attemptEnd
            phases.append(Phase(part: 1, name: "connect", start: connecting, end: end, fails: attempt.sent == nil))
        }
        if let sent = attempt.sent { phases += answerPhases(from: sent, to: attemptEnd, of: attempt) }
        return phases
    }

    /// What the server does from when the request was sent.
    private func answerPhases(from sent: Instant, to end: Instant, of attempt: RequestAttempt) -> [Phase] {
        guard let operation = endpoint.operation, attempt.failure == nil else { return [] }
        func prefill(until moment: Instant) -> Phase { Phase(part: 2, name: "prefill", start: sent, end: moment) }
        guard isLast(attempt), record.firstByte != nil else { return [prefill(until: end)] }
        guard record.status < 400 else { return [] }
        if let token = record.firstToken {
            return [prefill(until: token), Phase(part: 3, name: "stream", start: token, end: end)]
        }
        if operation.onlyReads || record.outcome != .answered { return [prefill(until: end)] }
        // A whole answer comes when all of it is made.
        guard let milliseconds = record.usage?.promptMilliseconds else {
            return [Phase(part: 3, name: "generate", start: sent, end: end)]
        }
        let read = min(end, Instant(nanoseconds: sent.nanoseconds + Int64(milliseconds) * 1_000_000))
        return [prefill(until: read), Phase(part: 3, name: "generate", start: read, end: end)]
    }

    // MARK: - What is known of it

    private func attributes(of attempt: RequestAttempt) -> [SpanAttribute] {
        var attributes: [SpanAttribute] = []
        let address = attempt.route.address
        attributes.add("http.request.method", endpoint.method)
        attributes.add("server.address", address.socketPath ?? address.host)
        attributes.add("server.port", address.socketPath == nil ? address.port : nil)
        attributes.add("url.full", url(of: attempt.route))
        attributes.add("http.response.status_code", statusCode(of: attempt))
        attributes.add("http.request.resend_count", resendCount(of: attempt))
        attributes.add("error.type", errorType(of: attempt))
        attributes.add("paddler.upstream_name", attempt.upstreamName)
        attributes.add("paddler.upstream_reason", attempt.choice?.description)
        return attributes
    }

    private func url(of route: UpstreamRoute) -> String {
        let scheme = route.usesTLS ? "https" : "http"
        return "\(scheme)://\(route.address.authority)\(route.pathPrefix?.text ?? "")\(endpoint.path)"
    }

    private func statusCode(of attempt: RequestAttempt) -> Int? {
        if let failure = attempt.failure { return failure.status }
        return isLast(attempt) && record.firstByte != nil ? record.status : nil
    }

    /// nil: it is the first.
    private func resendCount(of attempt: RequestAttempt) -> Int? {
        let before = course.steps.count { step in
            if case .attempt(let other) = step.step { other.start < attempt.start } else { false }
        }
        return before == 0 ? nil : before
    }

    private func status(of attempt: RequestAttempt) -> TraceSpan.Status {
        if attempt.failure != nil { return .failed(attempt.explanation) }
        guard isLast(attempt) else { return .unset }
        switch record.outcome {
        case .failed, .timedOut, .cut, .refused: return .failed(inWords)
        case .answered: return record.status >= 400 ? .failed(nil) : .unset
        // Who asked has called it off: that is nobody's failure.
        case .clientLeft, .answeredHere, .running: return .unset
        }
    }

    private func errorType(of attempt: RequestAttempt) -> String? {
        if let failure = attempt.failure { return failure.rawValue }
        return switch status(of: attempt) {
        case .unset: nil
        case .failed(nil): "\(record.status)"
        case .failed: errorTypeOfOutcome
        }
    }
}
