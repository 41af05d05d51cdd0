public import Scheduling

/// The steps of a request one after the other, and its place in a trace. Kept of requests that are traced; what happened in
/// the last attempt from the first byte of its answer on is in the ``RequestRecord``.
public struct RequestCourse: Sendable {
    public let trace: TraceID
    /// The request's own span.
    public let span: SpanID
    /// Its client's; nil: the trace begins here.
    public let parent: SpanID?
    /// Whether its client speaks TLS.
    public var isSecure = false
    /// The first ones and the last, ``mostSteps`` at most.
    public private(set) var steps: [(number: Int, step: Step)] = []
    private var begun = 0

    public enum Step: Sendable {
        /// For a slot or a server, from when until when.
        case wait(Instant, Instant?)
        case attempt(RequestAttempt)
    }

    /// A fleet may send a request away again and again.
    public static let mostSteps = 32

    public init(trace: TraceID, span: SpanID, parent: SpanID? = nil) {
        self.trace = trace
        self.span = span
        self.parent = parent
    }

    /// What its upstream sees as its parent: the span of the attempt that is being made, or else its own.
    public var spanForUpstream: SpanID {
        guard let last = steps.last, case .attempt = last.step else { return span }
        return span.child(forStep: last.number)
    }

    // MARK: - Steps

    mutating func waits(since start: Instant) {
        begin(.wait(start, nil), at: start)
    }

    /// It is given to an upstream.
    ///
    /// - Parameter choice: why to this one; nil: nobody knows.
    public mutating func goes(to route: UpstreamRoute, named name: String?, because choice: Choice?, at now: Instant) {
        begin(.attempt(RequestAttempt(route, named: name, because: choice, at: now)), at: now)
    }

    /// A connection to its upstream is being opened. An earlier one, by which it was sent, was of no use.
    public mutating func connects(at now: Instant) {
        change { attempt in
            if attempt.sent != nil { attempt.connecting = nil }
            attempt.connecting = attempt.connecting ?? now
            attempt.sent = nil
        }
    }

    /// - Parameter model: what its model is called there, if that is known to be another name.
    public mutating func isSent(naming model: String?, at now: Instant) {
        change { attempt in
            attempt.sent = now
            attempt.model = model
        }
    }

    /// The attempt that is being made comes to nothing.
    ///
    /// - Parameter explanation: for people; nil: the kind says it all.
    public mutating func fails(_ failure: AttemptFailure, _ explanation: String? = nil) {
        change { attempt in
            attempt.failure = failure
            attempt.explanation = explanation
        }
    }

    mutating func ends(at now: Instant) {
        guard let last = steps.indices.last else { return }
        switch steps[last].step {
        case .wait(let start, nil):
            steps[last].step = .wait(start, now)
        case .attempt(var attempt) where attempt.end == nil:
            attempt.end = now
            steps[last].step = .attempt(attempt)
        case .wait, .attempt:
            break
        }
    }

    private mutating func begin(_ step: Step, at now: Instant) {
        ends(at: now)
        if steps.count == Self.mostSteps { steps.removeLast() }
        steps.append((begun, step))
        begun += 1
    }

    private mutating func change(_ body: (inout RequestAttempt) -> Void) {
        guard let last = steps.indices.last, case .attempt(var attempt) = steps[last].step else { return }
        body(&attempt)
        steps[last].step = .attempt(attempt)
    }
}

extension SpanID {
    /// - Parameters:
    ///   - number: of a step of a request, whose span this is.
    ///   - part: of what the step consists of; 0: the step itself.
    public func child(forStep number: Int, part: Int = 0) -> SpanID {
        child(number * Self.partsOfStep + part)
    }

    private static let partsOfStep = 4
}
