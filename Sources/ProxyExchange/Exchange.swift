public import Scheduling

/// One request's way to an upstream and its response's way back, as a value: what happens goes in, and what the transport does
/// about it comes out.
///
/// It begins when the request's head is read. It knows no connection, no clock and no bytes: which connection is meant, its
/// transport knows by the state; what bytes become of a response, ``ResponseRelay`` says.
public struct Exchange: Sendable {
    public enum State: Sendable {
        /// Where the request goes is being decided, or asked of several servers.
        case deciding
        case queued(Place)
        /// A connection is being opened, or whether the upstream is alive is being found out.
        case connecting(Target, Attempt)
        /// Sent; no byte of a response yet that could be the client's.
        case awaitingResponse(Target)
        /// The response's head went to the client.
        case relaying(Target)
    }

    /// What a request waits for.
    public enum Place: Sendable {
        case slot(QueueTicket)
        /// Any server: it needs no slot.
        case server
    }

    /// Tells the result of what was begun for this attempt from a late one of another, of this request or the one before.
    public struct Attempt: Equatable, Sendable {
        let request: RequestID
        let number: Int
    }

    public struct Limits: Sendable {
        /// How many times a request that needs no slot is sent if each attempt breaks off after it was sent.
        public let attemptsAfterSend: Int
        /// For how long a request keeps its slot while the balancer lacks what it takes to open a connection.
        public let connect: Duration

        public init(attemptsAfterSend: Int, connect: Duration) {
            self.attemptsAfterSend = attemptsAfterSend
            self.connect = connect
        }
    }

    public let request: RequestID
    /// Whether no upstream has to have an idle slot for it.
    let isSlotless: Bool
    /// RFC 9110 9.2.2: whether it may be sent again although it may have been executed.
    let isIdempotent: Bool
    /// Whether its client has chosen the upstream: no other one gets it.
    public var isForOneServer = false
    let limits: Limits

    public internal(set) var state = State.deciding
    private var attempts = 0
    /// How often an upstream that may have executed it broke it off.
    public internal(set) var timesBrokenOff = 0
    /// How often an upstream answered 503 without being llama-server that loads.
    var timesRefused = 0
    /// Since when the balancer has lacked what it takes to open a connection.
    var withoutMeansSince: Instant?
    /// What became of the last attempt, for clients that get no response: why there was no connection, or what a 503 said.
    public internal(set) var lastFailure: String?

    /// - Parameters:
    ///   - isSlotless: it occupies no slot, wherever it goes.
    ///   - isIdempotent: by its method, RFC 9110 9.2.2.
    public init(_ request: RequestID, isSlotless: Bool, isIdempotent: Bool, _ limits: Limits) {
        self.request = request
        self.isSlotless = isSlotless
        self.isIdempotent = isIdempotent
        self.limits = limits
    }

    /// Of the slot that it has; nil: it has none.
    public var lease: Lease? {
        switch state {
        case .deciding, .queued: nil
        case .connecting(let target, _), .awaitingResponse(let target), .relaying(let target): target.lease
        }
    }

    // MARK: - From the scheduler

    /// What the scheduler says to a request that was handed in, or came back.
    public mutating func submitted(_ submission: Submission) -> Action {
        switch submission {
        case .dispatch(let lease):
            return .send(.slot(lease))
        case .queued(let ticket):
            state = .queued(.slot(ticket))
            return .wait
        case .reject(let rejection):
            return rejected(rejection)
        }
    }

    /// The same of one that needs no slot.
    public mutating func submitted(_ submission: SlotlessSubmission) -> Action {
        switch submission {
        case .send(let upstream, let route):
            return .send(.free(upstream, route))
        case .waits:
            state = .queued(.server)
            return .wait
        case .reject(let rejection):
            return rejected(rejection)
        }
    }

    /// It goes nowhere.
    public mutating func rejected(_ rejection: Rejection) -> Action {
        state = .deciding
        return .end(.rejected(rejection, lastFailure: lastFailure), nil)
    }

    // MARK: - To an upstream

    /// Whether a connection that was opened before may be used: where one broke, others may be as dead.
    public var mayReuseConnection: Bool { timesBrokenOff == 0 }

    /// A connection is being opened.
    public mutating func connects(to target: Target) -> Attempt {
        attempts += 1
        let attempt = Attempt(request: request, number: attempts)
        state = .connecting(target, attempt)
        return attempt
    }

    /// Whether what was begun for this attempt is still waited for, and for which target.
    public func target(of attempt: Attempt) -> Target? {
        guard case .connecting(let target, attempt) = state else { return nil }
        return target
    }

    /// The request goes out, on a connection that is open.
    public mutating func sent(to target: Target) {
        withoutMeansSince = nil
        state = .awaitingResponse(target)
    }

    /// The head of a response goes to the client: from here on nothing is sent again.
    ///
    /// - Returns: whose response it is; nil: none was waited for.
    public mutating func responseBegins() -> Target? {
        guard case .awaitingResponse(let target) = state else { return nil }
        state = .relaying(target)
        return target
    }

    /// The response came to an end, its own or an earlier one.
    ///
    /// - Returns: whose it was; nil: none was being relayed.
    public mutating func responseEnds() -> Target? {
        guard case .relaying(let target) = state else { return nil }
        state = .deciding
        return target
    }

    // MARK: - Another end

    /// The client gets a response of the balancer's own instead.
    ///
    /// - Parameter outcome: what became of the attempt that is being made, if one is; ``Outcome/failed`` while it connects.
    public mutating func isAnsweredHere(_ outcome: Outcome) -> Release? {
        defer { state = .deciding }
        switch state {
        case .deciding, .queued, .relaying: return nil
        case .connecting(let target, _): return Release(target, .failed)
        case .awaitingResponse(let target): return Release(target, outcome, abandonsConnection: true)
        }
    }

    /// It was to go to another upstream, and there is no way for it: its place in the queue, or its slot, is free at once.
    public mutating func cannotBeSentAgain() -> Departure {
        switch state {
        case .deciding, .awaitingResponse, .relaying: return .nothing
        case .queued(let place):
            state = .deciding
            return .fromQueue(place)
        case .connecting(let target, _):
            state = .deciding
            return .beforeSending(Release(target, .unsent))
        }
    }

    /// The client is gone: its place in the queue is free at once, its slot when nothing of it runs there any more.
    ///
    /// - Parameter goesOn: the upstream goes on with it, client or not.
    public mutating func clientLeft(goesOn: Bool) -> Departure {
        defer { state = .deciding }
        switch state {
        case .deciding: return .nothing
        case .queued(let place): return .fromQueue(place)
        case .connecting(let target, _):
            // A connection that something in between has ended may not have ended what runs there.
            return .beforeSending(Release(target, .clientLeft(runsOn: timesBrokenOff > 0 ? .untilItLooks : .no)))
        // An upstream that goes on without its client ends its connection long before itself.
        case .awaitingResponse(let target), .relaying(let target):
            return goesOn ? .fromGeneration(target) : .fromUpstream(target)
        }
    }
}
