import LlamaServer
public import Scheduling

// Attempts that come to nothing, and what then becomes of the request.

extension Exchange {
    // MARK: - No connection

    /// The connection that this attempt needs couldn't be opened.
    ///
    /// - Parameters:
    ///   - reason: in words.
    ///   - isOwnFault: the balancer had no descriptor, or no port, left: nobody else could be sent to either, so the request keeps
    ///     its slot for as long as an upstream would be given to accept a connection.
    public mutating func connectFailed(
        _ attempt: Attempt,
        _ reason: String,
        isOwnFault: Bool,
        at now: Instant
    ) -> Action {
        guard let target = target(of: attempt) else { return .none }
        guard isOwnFault else { return unsent(target, reason) }
        let since = withoutMeansSince ?? now
        withoutMeansSince = since
        guard now - since < limits.connect else {
            state = .deciding
            return .end(.noMeans(reason), Release(target, .unsent))
        }
        return .connectSoon(target, attempt)
    }

    /// The pause after ``Action/connectSoon(_:_:)`` is over.
    public func connectsAgain(_ attempt: Attempt) -> Action {
        target(of: attempt).map(Action.connect) ?? .none
    }

    /// No byte of it was taken, and whatever server comes next may have it.
    private mutating func unsent(_ target: Target, _ reason: String) -> Action {
        lastFailure = "the last attempt to connect: \(reason)"
        state = .deciding
        switch target {
        case .slot(let lease):
            guard isForOneServer else { return .retry(lease, after: .connectFailed) }
            return .end(.noConnection(reason), Release(target, .serverDied))
        case .free(let upstream, _):
            guard isForOneServer else { return .retryWithoutSlot(avoiding: upstream, isUnreachable: true) }
            return .end(.noConnection(reason), Release(target, .serverDied))
        }
    }

    // MARK: - No byte of a response

    /// The connection ended before a byte of a response came.
    public mutating func brokeOff(_ extent: BrokenOff) -> Action {
        guard case .awaitingResponse(let target) = state else { return .none }
        switch extent {
        case .unread(wasIdle: true):
            return .connect(target)
        case .unread(wasIdle: false):
            return unsent(target, "it closed the connection before it had read the request")
        case .perhapsExecuted:
            // A request that may have ended its server must not go on to end the next one.
            timesBrokenOff += 1
            return .checkLife(target, connects(to: target))
        }
    }

    /// What ``Action/checkLife(_:_:)`` has found.
    public mutating func lifeFound(_ attempt: Attempt, isAlive: Bool) -> Action {
        guard let target = target(of: attempt) else { return .none }
        state = .deciding
        guard isAlive else { return .tellDeath(target) }
        switch target {
        case .slot(let lease):
            guard isForOneServer else { return .retry(lease, after: .brokenOff) }
            return .end(.brokenOff, Release(target, .failed))
        case .free(let upstream, _):
            guard mayBeSentAgain else { return .end(.brokenOff, nil) }
            return isForOneServer ? .send(target) : .retryWithoutSlot(avoiding: upstream, isUnreachable: false)
        }
    }

    /// The scheduler was told that the upstream is gone, and says whether a request without a slot may be why. One that has a
    /// slot goes on by ``submitted(_:)-(Submission)`` if it isn't.
    public func upstreamDied(_ target: Target, isSuspect: Bool) -> Action {
        guard case .free(let upstream, _) = target, !isSuspect, !isForOneServer, mayBeSentAgain else {
            return .end(.serverDied(target.route.address), nil)
        }
        return .retryWithoutSlot(avoiding: upstream, isUnreachable: false)
    }

    /// Of a request without a slot that may have been executed.
    private var mayBeSentAgain: Bool { isIdempotent && timesBrokenOff < limits.attemptsAfterSend }

    // MARK: - A response that is none

    /// Whether an answer that says that nothing was executed leaves the request to others.
    public var mayGoElsewhere: Bool { !isSlotless && !isForOneServer }

    /// Whether a 503 that isn't llama-server's own isn't passed on yet: others may do better.
    public var mayBeRefusedAgain: Bool { timesRefused < Self.maximumRefusals - 1 }

    private static let maximumRefusals = 3

    /// The upstream has executed nothing, and says why.
    public mutating func notExecuted(_ reason: NotExecuted) -> Action {
        guard case .awaitingResponse(.slot(let lease)) = state else { return .none }
        switch reason {
        case .unavailable(.loading):
            state = .deciding
            return .retry(lease, after: .unavailable)
        case .unavailable(.other(let text)):
            timesRefused += 1
            lastFailure = "the last attempt was answered 503: \(text)"
            state = .deciding
            return .retry(lease, after: .refused)
        case .withoutRoom(let tokens):
            return .findRoom(lease, tokens: tokens)
        }
    }

    /// Another upstream has more room for its prompt, or will have.
    public mutating func roomFound(_ submission: Submission) -> Action {
        lastFailure = "the last server had no room for the prompt"
        state = .deciding
        return submitted(submission)
    }

    /// What the upstream said is no HTTP.
    public mutating func malformed(_ reason: String) -> Action {
        guard case .awaitingResponse(let target) = state else { return .none }
        state = .deciding
        return .end(.malformed(reason), Release(target, .failed, abandonsConnection: true))
    }
}
