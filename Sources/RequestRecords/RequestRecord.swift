public import LlamaServer
public import Scheduling

/// What became of one request: begun when its head has been read, and complete when it ends, whichever way.
///
/// It lives on one event loop until then. Moments are those of the loop's clock; ``time`` is the wall clock's.
public struct RequestRecord: Sendable {
    /// By which client and servers know it.
    public enum Identifier: Equatable, Sendable {
        /// The balancer's own: 128 bits.
        case made(UInt64, UInt64)
        /// The client's.
        case given(String)
    }

    public var identifier: Identifier
    /// When its head had been read, in nanoseconds since 1970.
    public var time: Int64
    /// The same moment.
    public var arrived: Instant
    /// nil: its client named none, and none was begun here.
    public var trace: TraceID?
    /// Its steps; nil: it isn't traced.
    public var course: RequestCourse?
    /// Whose it is; nil: nobody's in particular.
    public var tenant: String?
    /// Where clients are told apart by their addresses, instead of a tenant: the address, or the network, that counts as one.
    public var clientNetwork: String?
    /// The address of who asked, as the proxies say that are trusted; empty: unknown.
    public var client = ""
    /// The method, a space and the path without its query, ``longestEndpoint`` bytes at most; empty: its head couldn't be
    /// read.
    public var endpoint = ""
    /// nil: its head couldn't be read.
    public var spokenProtocol: SpokenProtocol?
    /// As the request names it.
    public var model: String?
    /// Whether it is for an endpoint that occupies a slot.
    public var needsSlot = false
    /// How it was sent to the last upstream that it was given to; nil: it was given to none.
    public private(set) var route: UpstreamRoute?
    /// What people call that upstream.
    public private(set) var upstreamName: String?
    /// How often it was given to an upstream.
    public private(set) var attempts = 0
    /// Why the last one was that; nil: nobody knows.
    public var choice: Choice?
    /// When all of it was here.
    public var received: Instant?
    /// How long it has waited for a slot or a server, all waits together, in nanoseconds.
    public private(set) var waited: Int64 = 0
    private var waitsSince: Instant?
    /// How long it has had a slot, from when it was given one until it gave it back: all attempts together, and with several
    /// slots at one time the sum of theirs. In nanoseconds.
    public private(set) var slotTime: Int64 = 0
    private var slots: (count: Int, since: Instant)?
    /// What its tenant is charged of a day's budget; nil: nothing, or there is no such budget.
    public var charge: DayCharge?
    /// When it was last sent to an upstream.
    public var sent: Instant?
    /// When the head of an upstream's answer was here.
    public private(set) var firstByte: Instant?
    /// When the first event of a streamed answer was here.
    public var firstToken: Instant?
    /// When its answer's last byte was written, or it was given up; nil: it is under way.
    public private(set) var ended: Instant?
    /// What the answer says of its tokens.
    public var usage: ReportedUsage?
    /// Of a streamed answer: the tokens that were counted as they passed.
    public var countedTokens = 0
    /// Of the head and the body as they came, without the framing of chunks.
    public var requestBytes = 0
    /// All that was written for it.
    public var answerBytes = 0
    /// What its client was told; 0: nothing.
    public var status = 0
    public private(set) var outcome = RequestOutcome.running(.reading)

    /// Tokens, and the day since 1970, in UTC, to whose budget they belong.
    public struct DayCharge: Equatable, Sendable {
        public let day: Int
        public let tokens: Int

        public init(day: Int, tokens: Int) {
            self.day = day
            self.tokens = tokens
        }
    }

    /// In bytes; of a longer one the beginning is kept.
    public static let longestEndpoint = 256

    public init(_ identifier: Identifier, time: Int64, arrived: Instant) {
        self.identifier = identifier
        self.time = time
        self.arrived = arrived
    }

    /// It is given to an upstream.
    public mutating func goes(to route: UpstreamRoute, named name: String?) {
        self.route = route
        upstreamName = name
        attempts += 1
    }

    /// It has no slot, or none any more.
    public mutating func waits(since moment: Instant) {
        givesBackSlots(at: moment)
        guard waitsSince == nil else { return }
        course?.waits(since: moment)
        waitsSince = moment
    }

    /// It is given a slot, or several, instead of those that it had.
    public mutating func takes(slots count: Int, at now: Instant) {
        givesBackSlots(at: now)
        slots = (count, now)
    }

    private mutating func givesBackSlots(at now: Instant) {
        guard let slots else { return }
        self.slots = nil
        slotTime += Int64(slots.count) * (now.nanoseconds - slots.since.nanoseconds)
    }

    /// - Parameter now: asked for only if it has waited.
    public mutating func stopsWaiting(at now: @autoclosure () -> Instant) {
        guard let start = waitsSince else { return }
        waitsSince = nil
        waited += now().nanoseconds - start.nanoseconds
    }

    /// The head of an upstream's answer is here.
    ///
    /// - Parameter status: that its client sees.
    public mutating func isAnswered(_ status: Int, at now: Instant) {
        self.status = status
        firstByte = now
    }

    public mutating func ends(_ outcome: RequestOutcome, at now: Instant) {
        stopsWaiting(at: now)
        givesBackSlots(at: now)
        course?.ends(at: now)
        self.outcome = outcome
        ended = now
    }

    /// As it is at this moment, before its end.
    public mutating func stands(at stage: RequestOutcome.Stage, now: Instant) {
        outcome = .running(stage)
        waited = waited(until: now)
    }
}

extension RequestRecord {
    /// Whose it is where requests are counted by tenants: a tenant's, or, where clients are told apart by their addresses, an
    /// address'; empty: nobody's in particular.
    public var tenantName: String { tenant ?? clientNetwork ?? "" }

    /// How many slots it has at this moment.
    var slotsNow: Int { slots?.count ?? 0 }

    /// All waits together, with one that goes on.
    func waited(until now: Instant) -> Int64 {
        waited + (waitsSince.map { now.nanoseconds - $0.nanoseconds } ?? 0)
    }

    /// nil: nothing is known of any.
    public var tokensGenerated: Int? {
        usage?.generated ?? (countedTokens > 0 ? countedTokens : nil)
    }

    /// Those that were computed and those that were found in a cache.
    public var tokensPrompt: Int? {
        usage.map { $0.promptComputed + $0.promptCached }
    }

    /// Of a stream, from its first event to its end; of a whole answer, from when its prompt was computed. nil: unknown, or
    /// there was no time to measure.
    public var tokensPerSecond: Double? {
        guard let ended, let generated = tokensGenerated else { return nil }
        if let firstToken { return Self.rate(generated - 1, from: firstToken.nanoseconds, to: ended) }
        guard let sent, let milliseconds = usage?.promptMilliseconds else { return nil }
        return Self.rate(generated, from: sent.nanoseconds + Int64(milliseconds) * 1_000_000, to: ended)
    }

    private static func rate(_ count: Int, from start: Int64, to end: Instant) -> Double? {
        guard count > 0, end.nanoseconds > start else { return nil }
        return Double(count) * 1e9 / Double(end.nanoseconds - start)
    }
}
