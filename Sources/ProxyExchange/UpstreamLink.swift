// Hot path: `received` runs for every chunk of a response. Nothing here may allocate per chunk.

public import Scheduling

/// A connection to an upstream, as a value: what it is busy with, and what the bytes that come on it, or its end, mean.
public struct UpstreamLink: Sendable {
    public enum Phase: Sendable {
        case idle
        /// A request was written; no head of a response is complete yet.
        case awaitingResponse(Sent)
        case relaying
        /// The client left; what still comes is thrown away, and its end frees the slot.
        case leaving(Lease, hasHeard: Bool)
    }

    /// A request without a response.
    public struct Sent: Sendable {
        /// In bytes.
        let length: Int
        /// Handed to the system, as far as that took it.
        var isFlushed = false
        /// The other side has ended the connection and its system had not taken a byte of the request.
        var isUntouched = false
        /// A byte of a response came, if only of an interim one: the request must not be sent again.
        var hasResponseBegun = false
        var interim = InterimHeads()
    }

    /// What bytes are that came.
    public enum Reception: Sendable {
        /// Nobody asked for them: the connection closes.
        case unasked
        /// The request has not been sent, so that this can't be its response.
        case early(BrokenOff)
        /// Of a head, or what follows it.
        case head
        case body
        /// Of a response that nobody wants.
        case ignored
    }

    /// What the end of the connection means.
    public enum End: Sendable {
        case ofIdle
        case brokeOff(BrokenOff)
        /// A part of a head had come.
        case inHead
        /// It is the end of the response.
        case ofResponse
        case cut
        /// The client that had left leaves its slot.
        case ofGoodbye(Lease, Outcome)
    }

    public private(set) var phase = Phase.idle
    /// Whether it was kept open without a request.
    private var wasIdle = false

    public init() {}

    /// - Parameter length: of the request, in bytes.
    public mutating func sends(_ length: Int) {
        phase = .awaitingResponse(Sent(length: length))
    }

    /// What was written has been handed to the system.
    public mutating func flushed() {
        guard case .awaitingResponse(var sent) = phase, !sent.isFlushed else { return }
        sent.isFlushed = true
        phase = .awaitingResponse(sent)
    }

    public mutating func received() -> Reception {
        switch phase {
        case .idle:
            return .unasked
        case .awaitingResponse(var sent):
            guard sent.isFlushed else { return .early(.unread(wasIdle: wasIdle)) }
            if !sent.hasResponseBegun {
                sent.hasResponseBegun = true
                phase = .awaitingResponse(sent)
            }
            return .head
        case .relaying:
            return .body
        case .leaving(let lease, let hasHeard):
            if !hasHeard { phase = .leaving(lease, hasHeard: true) }
            return .ignored
        }
    }

    /// Whether the end of the connection, if it comes now, must be told from one that crossed with the request: the system is
    /// asked how much of it the other side's has not taken, and ``endsWith(unacknowledged:)`` told.
    public var mayEndUntouched: Bool {
        guard case .awaitingResponse(let sent) = phase else { return false }
        return sent.isFlushed && !sent.hasResponseBegun
    }

    /// The end of a connection acknowledges what had come before it, and whoever has closed a connection takes nothing
    /// more. So a server that had taken nothing by then has closed before the request was there.
    ///
    /// - Parameter unacknowledged: bytes of the request.
    public mutating func endsWith(unacknowledged: Int) {
        guard case .awaitingResponse(var sent) = phase else { return }
        sent.isUntouched = unacknowledged >= sent.length
        phase = .awaitingResponse(sent)
    }

    /// A head with a status of 1xx came.
    ///
    /// - Parameter length: in bytes.
    /// - Returns: false when it was one too many.
    public mutating func interimHeadCame(_ length: Int) -> Bool {
        guard case .awaitingResponse(var sent) = phase else { return false }
        defer { phase = .awaitingResponse(sent) }
        return sent.interim.mayCome(length)
    }

    public mutating func responseBegins() {
        phase = .relaying
    }

    /// Nobody wants what still comes, or nothing does: the connection closes.
    public mutating func isAbandoned() {
        phase = .idle
    }

    /// It waits for its next request.
    public mutating func becomesIdle() {
        phase = .idle
        wasIdle = true
    }

    /// The client is gone. llama-server is told so by the end of what is sent, and tells by closing the connection that it has
    /// noticed, or has come to the end of the response. Nothing else says when: it notices a stream's client with its next token,
    /// others only after a second without a result of any task, and a look at its slots is one.
    ///
    /// - Returns: false if there is no such end to wait for: the connection is to be abandoned.
    public mutating func saysGoodbye(for lease: Lease, _ relay: borrowing ResponseRelay) -> Bool {
        switch phase {
        case .awaitingResponse(let sent) where sent.isFlushed:
            phase = .leaving(lease, hasHeard: sent.hasResponseBegun)
        // A whole response that has begun is made already, and may be long.
        case .relaying where relay.isEventStream:
            phase = .leaving(lease, hasHeard: true)
        case .idle, .awaitingResponse, .relaying, .leaving:
            return false
        }
        return true
    }

    /// What llama-server may do when the connection is closed now.
    ///
    /// - Parameter relay: of the response, if one is being relayed.
    public func runsOn(_ relay: borrowing ResponseRelay) -> RunsOn {
        // A head alone can come before the prompt is read.
        if case .relaying = phase, relay.hasTokens { .briefly } else { .untilItLooks }
    }

    /// The time for a goodbye is over: the slot's next look tells.
    public mutating func goodbyeEnds() -> (Lease, Outcome)? {
        guard case .leaving(let lease, _) = phase else { return nil }
        phase = .idle
        return (lease, .clientLeft(runsOn: .untilItLooks))
    }

    /// - Parameter relay: of the response, if one is being relayed.
    public mutating func ended(_ relay: borrowing ResponseRelay) -> End {
        defer { phase = .idle }
        switch phase {
        case .idle:
            return .ofIdle
        case .awaitingResponse(let sent) where sent.hasResponseBegun:
            // A part of a response was seen: it must not be asked for again.
            return .inHead
        case .awaitingResponse(let sent):
            return .brokeOff(!sent.isFlushed || sent.isUntouched ? .unread(wasIdle: wasIdle) : .perhapsExecuted)
        case .relaying:
            return relay.endsWithConnection ? .ofResponse : .cut
        case .leaving(let lease, let hasHeard):
            // llama-server responds even so, if only with a head: without one, something in between may have closed for it.
            return .ofGoodbye(lease, .clientLeft(runsOn: hasHeard ? .no : .untilItLooks))
        }
    }
}
