public import Scheduling

/// A connection on which a client asks by HTTP/1.1, as a value: what of its bytes may be read and used now, what it owes, and
/// how the connection ends.
///
/// Requests that are pipelined are used one after the other: a head is looked at when the request before is answered, and
/// the client takes what is written to it.
public struct ClientLink: Sendable {
    public enum Phase: Equatable, Sendable {
        /// No byte of a request has been used since the last answer, or since the connection was opened.
        case idle(since: Instant)
        /// The client owes the rest of a head, of which a part came at this time.
        case readingHead(since: Instant)
        /// It owes the next piece of a body; the last one came at this time.
        case readingBody(since: Instant)
        /// The request is whole, or needs no more of its body; its ``Exchange`` says how far it has come.
        case exchanging
        /// The last bytes are written; the connection closes when they are flushed.
        case closing
        /// Output is shut, or about to be; input is thrown away until the client closes too.
        case lingering
        case closed
    }

    /// What the bytes are that are used next.
    public enum Use: Equatable, Sendable {
        case head
        case body
    }

    /// What the end of what the client sends means.
    public enum InputEnd: Equatable, Sendable {
        case nothing
        /// What was begun can't be ended any more, or nothing is left to be said.
        case close
        /// As ``close``, when all that was written has gone out; that closes the connection, too.
        case closeUnlessUnsent
        /// Requests that are there already are answered, then ``ClientLink/closeBehindLast(isWritable:)`` says how it ends.
        case answerWhatIsThere
        /// A client that waits for its answer looks like one that is gone: it is asked.
        case probe
    }

    /// How a connection ends behind its last answer.
    public enum LastEnd: Equatable, Sendable {
        case close
        case closeWhenWritten
    }

    /// For how long a client may owe what.
    public struct Limits: Sendable {
        let idle: Duration
        let head: Duration
        let body: Duration

        /// - Parameters:
        ///   - idle: its next request.
        ///   - head: the rest of a head.
        ///   - body: the next piece of a body.
        public init(idle: Duration, head: Duration, body: Duration) {
            self.idle = idle
            self.head = head
            self.body = body
        }
    }

    /// What a client has owed for too long.
    public enum Overdue: Equatable, Sendable {
        case request
        case head
        case body
    }

    public private(set) var phase: Phase
    /// When the client said that it sends nothing more; nil: it hasn't.
    private var inputEndedAt: Instant?
    /// Whether the system has more for us that we don't want yet.
    private var isReadHeld = false

    /// Requests pipelined beyond this many bytes wait in the kernel.
    static let maximumPipelinedBytes = 64 << 10

    public init(at now: Instant) {
        phase = .idle(since: now)
    }

    // MARK: - Reading

    /// Whether what comes is kept; else it is thrown away.
    public var takesBytes: Bool {
        switch phase {
        case .idle, .readingHead, .readingBody, .exchanging: true
        case .closing, .lingering, .closed: false
        }
    }

    /// What bytes that are there are used for; nil: they wait.
    ///
    /// - Parameter isWritable: clients that stop reading get no further answers.
    public func use(isWritable: Bool) -> Use? {
        switch phase {
        case .idle, .readingHead: isWritable ? .head : nil
        case .readingBody: .body
        case .exchanging, .closing, .lingering, .closed: nil
        }
    }

    /// Whether more may be read from the system; if not, ``readsOn()`` tells when it is due.
    ///
    /// - Parameter unused: in bytes, of what was read before. While a body is collected, what comes is used at once and never
    ///   piles up.
    public mutating func mayRead(unused: Int, isWritable: Bool) -> Bool {
        guard unused > Self.maximumPipelinedBytes, use(isWritable: isWritable) == nil else { return true }
        isReadHeld = true
        return false
    }

    /// There may be room again.
    ///
    /// - Returns: whether something is to be read that was not read before.
    public mutating func readsOn() -> Bool {
        defer { isReadHeld = false }
        return isReadHeld
    }

    // MARK: - A request

    /// A part of a head is there.
    public mutating func headIsIncomplete(at now: Instant) {
        guard case .idle = phase else { return }
        phase = .readingHead(since: now)
    }

    /// A body begins, or a piece of it has come, and more is to come.
    public mutating func bodyGoesOn(at now: Instant) {
        phase = .readingBody(since: now)
    }

    /// The request is whole.
    public mutating func exchanges() {
        phase = .exchanging
    }

    /// Its answer is written, and another request may follow.
    public mutating func isAnswered(at now: Instant) {
        phase = .idle(since: now)
    }

    // MARK: - The end

    /// The last bytes are written.
    ///
    /// - Parameter lingers: the client may be sending, and a reset in return must not destroy its answer.
    public mutating func ends(lingers: Bool) {
        phase = lingers ? .lingering : .closing
    }

    public mutating func isClosed() {
        phase = .closed
    }

    /// The client sends nothing more. RFC 9112 9.6 lets it do so behind its last request and wait for the answer; one that has
    /// closed its socket, or died, looks the same.
    public mutating func inputEnds(at now: Instant) -> InputEnd {
        switch phase {
        case .closing, .closed:
            return .nothing
        case .readingBody:
            return .close
        case .lingering:
            return .closeUnlessUnsent
        case .idle, .readingHead:
            inputEndedAt = now
            return .answerWhatIsThere
        case .exchanging:
            inputEndedAt = now
            return .probe
        }
    }

    /// What was received has been used as far as it can be. What is left is no whole request, and never will be.
    ///
    /// - Returns: nil: the connection goes on.
    public func closeBehindLast(isWritable: Bool) -> LastEnd? {
        guard inputEndedAt != nil else { return nil }
        return switch phase {
        // Behind an answer that the client doesn't take there may be another request.
        case .idle, .readingHead: isWritable ? .closeWhenWritten : nil
        case .readingBody: .close
        case .exchanging, .closing, .lingering, .closed: nil
        }
    }

    /// Whether a client that sends nothing more was asked so long ago whether it is still there.
    public func isUnheard(at now: Instant, for limit: Duration) -> Bool {
        inputEndedAt.map { now - $0 >= limit } ?? false
    }

    // MARK: - Time

    /// - Returns: nil: it owes nothing, or not for long.
    public func overdue(at now: Instant, _ limits: Limits) -> Overdue? {
        switch phase {
        case .idle(let since): now - since >= limits.idle ? .request : nil
        case .readingHead(let since): now - since >= limits.head ? .head : nil
        case .readingBody(let since): now - since >= limits.body ? .body : nil
        case .exchanging, .closing, .lingering, .closed: nil
        }
    }

    /// Whether its last answer is so recent that the next request may be on its way, or has begun to come.
    public func mayAsk(since moment: Instant) -> Bool {
        switch phase {
        case .idle(let since), .readingHead(let since): since > moment
        case .readingBody, .exchanging, .closing, .lingering, .closed: false
        }
    }

    /// Whether nothing but the rest of an answer is between the client and the end of its connection, or its next request.
    public var isBehindAnswer: Bool {
        switch phase {
        case .idle, .readingHead, .closing, .lingering: true
        case .readingBody, .exchanging, .closed: false
        }
    }

    /// Whether a part of an answer has still to reach the client.
    ///
    /// - Parameter hasUnsent: the system has yet to take some of what was written, or to send it.
    public func isFinishing(hasUnsent: Bool) -> Bool {
        switch phase {
        case .closing, .lingering: true
        case .idle, .readingHead, .readingBody, .exchanging, .closed: hasUnsent
        }
    }
}
