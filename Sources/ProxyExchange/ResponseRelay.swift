// Hot path: `pass`, `next` and `follow` run for every chunk of a response. Nothing here may allocate per chunk.

public import HTTPFraming
public import LlamaServer

/// A response on its way from an upstream to its client: how far it is, in which form it goes on, whether something may be put
/// into it, and what it says of tokens.
public struct ResponseRelay: Sendable {
    /// In which form a body goes to the client.
    public enum Form: Sendable {
        /// In the framing in which it came.
        case asItIs
        /// Without any, for HTTP/1.0, which knows no chunks.
        case payload
        /// In chunks of our own, behind a head of our own that promised them.
        case chunks
        /// Behind such a head, and no stream of events itself: as one event, when all of it is there.
        case event
    }

    /// What a client's side of the exchange has to do with the form.
    public struct Reader: Sendable {
        let knowsChunks: Bool
        let hasHead: Bool
        let dialect: Dialect?

        /// - Parameters:
        ///   - knowsChunks: it speaks HTTP/1.1.
        ///   - hasHead: it got the head of an event stream from the balancer.
        ///   - dialect: of a request that takes a slot.
        public init(knowsChunks: Bool, hasHead: Bool, dialect: Dialect?) {
            self.knowsChunks = knowsChunks
            self.hasHead = hasHead
            self.dialect = dialect
        }

        /// How the client knows the end of a body that comes from its upstream in this framing.
        public func framing(of framing: BodyFraming) -> BodyFraming {
            if hasHead { return knowsChunks ? .chunked : .untilClose }
            return framing == .chunked && !knowsChunks ? .untilClose : framing
        }
    }

    /// What was heard in a piece.
    public struct Heard: Sendable {
        /// The first event of a stream.
        public var isFirst = false
        /// Events behind it, each a token.
        public var tokens = 0
    }

    /// How the client is told that a response has no end.
    public enum CutForm: Equatable, Sendable {
        /// By an event, and then the end of a connection on which an end of the response was due.
        case event(inChunk: Bool)
        /// The end of the connection says it.
        case close
        /// The end of the connection would be the end of the response: it has to be a reset.
        case reset
    }

    public private(set) var framing = BodyFraming.none
    /// In which the client gets it.
    public private(set) var clientFraming = BodyFraming.none
    public private(set) var form = Form.asItIs
    /// Of the head.
    public private(set) var status = 0
    public private(set) var isEventStream = false
    /// Whether it answers a request that takes a slot.
    public private(set) var usesSlot = false
    /// Those that were counted as they passed.
    public private(set) var countedTokens = 0
    /// The end of the connection doesn't say that a response without a length is whole.
    public var endIsDoubtful = false
    private var keepsAlive = false
    private var framer = BodyFramer(.none)
    private var streamTail = EventStreamTail()
    private var tail = AnswerTail()
    /// Of a streamed response of Anthropic's dialect, until its first event is over.
    private var firstEventEnd: FirstEventEnd?
    private var eventCounter = EventCounter()
    private var awaitsFirstEvent = false
    /// Of ``Form/event``: what has come so far.
    private var event: [UInt8] = []

    public init() {}

    /// - Parameters:
    ///   - head: of the response, and no interim one.
    ///   - source: its bytes.
    public mutating func begin(_ head: borrowing ResponseHead, in source: borrowing Span<UInt8>, for reader: Reader) {
        framing = head.body
        clientFraming = reader.framing(of: framing)
        framer = BodyFramer(framing)
        status = head.status
        keepsAlive = head.keepsAlive
        isEventStream = Self.isEventStream(head, source)
        usesSlot = reader.dialect != nil
        countedTokens = 0
        endIsDoubtful = false
        streamTail = EventStreamTail()
        firstEventEnd = reader.dialect == .anthropic && isEventStream ? FirstEventEnd() : nil
        if usesSlot { tail.begin() }
        eventCounter = EventCounter()
        awaitsFirstEvent = usesSlot && isEventStream
        form = form(for: reader)
        event = []
    }

    private func form(for reader: Reader) -> Form {
        if reader.hasHead {
            guard isEventStream, status == 200 else { return .event }
            if reader.knowsChunks, framing != .chunked { return .chunks }
        }
        return !reader.knowsChunks && framing == .chunked ? .payload : .asItIs
    }

    /// One that something in between has compressed isn't one that comments and errors could be put into.
    private static func isEventStream(_ head: borrowing ResponseHead, _ source: borrowing Span<UInt8>) -> Bool {
        guard let type = head.first(.contentType), head.first(.contentEncoding) == nil else { return false }
        return source.extracting(type.value).begins(with: "text/event-stream")
    }

    /// The framing has come to its end.
    public var isComplete: Bool { framer.isComplete }

    /// Whether the end of the connection is the end of the response.
    public var endsWithConnection: Bool { framing == .untilClose && !endIsDoubtful }

    /// Whether the upstream takes another request on this connection.
    ///
    /// - Parameter hasMore: something came behind the response.
    public func keepsConnection(hasMore: Bool) -> Bool { keepsAlive && !hasMore }

    /// Whether the upstream may be closing the connection although it has promised to keep it. llama-server does so after each
    /// answer in chunks: its content provider ends by `false`, which cpp-httplib takes for a failed write.
    public var mayBeClosing: Bool { framing == .chunked }

    // MARK: - A piece of it

    /// A piece of a response that goes on ``Form/asItIs``.
    ///
    /// - Returns: how many of its bytes belong to the response, and whether that is complete with them.
    public mutating func pass(_ bytes: Span<UInt8>) throws(FramingError) -> (count: Int, isComplete: Bool) {
        try framer.advance(bytes)
    }

    /// The next payload of a piece, for the other forms: until it needs more, or ends.
    public mutating func next(_ bytes: Span<UInt8>, from offset: Int) throws(FramingError) -> BodyFramer.Step {
        try framer.next(bytes, from: offset)
    }

    /// - Returns: what is new in a piece that goes to the client.
    public mutating func follow(_ piece: Span<UInt8>) -> Heard {
        var heard = Heard()
        if isEventStream { streamTail.append(piece) }
        guard usesSlot else { return heard }
        if firstEventEnd == nil { tail.append(piece) } else { keepStart(piece) }
        guard isEventStream else { return heard }
        let events = eventCounter.count(piece)
        guard events > 0 else { return heard }
        heard.isFirst = awaitsFirstEvent
        // Chats and messages begin with an event that has no token.
        heard.tokens = awaitsFirstEvent ? events - 1 : events
        awaitsFirstEvent = false
        countedTokens += heard.tokens
        return heard
    }

    /// Anthropic's dialect says at a stream's start what its prompt cost.
    private mutating func keepStart(_ piece: Span<UInt8>) {
        guard let end = firstEventEnd?.find(in: piece) else { return tail.append(piece) }
        firstEventEnd = nil
        tail.append(piece.extracting(0..<end))
        tail.endFirstEvent()
        tail.append(piece.extracting(end..<piece.count))
    }

    /// The most of a response that becomes a single event. Errors are far shorter.
    private static let longestEvent = 1 << 20

    /// Of ``Form/event``: keeps a payload until all is there.
    ///
    /// - Returns: false when it is too long for this form: no part of it may be taken for the whole.
    public mutating func keep(_ payload: Span<UInt8>) -> Bool {
        guard event.count + payload.count <= Self.longestEvent else { return false }
        payload.withUnsafeBytes { event.append(contentsOf: $0) }
        return true
    }

    /// Of ``Form/event``: all that came.
    public mutating func takeEvent() -> [UInt8] {
        defer { event = [] }
        return event
    }

    // MARK: - What may be put in

    /// Whether an event of one's own may be said: between two events, and never within a Content-Length, which it would
    /// fill.
    var takesEvent: Bool {
        guard form != .event else { return true }
        guard isEventStream else { return false }
        guard form == .asItIs else { return streamTail.endsBetweenEvents }
        return switch framing {
        case .none, .length: false
        case .untilClose: streamTail.endsBetweenEvents
        case .chunked: framer.isBetweenChunks && streamTail.endsBetweenEventsInChunks
        }
    }

    /// Whether a comment may be put into it now.
    public var takesComment: Bool { takesEvent && !framer.isComplete }

    /// Of a response that has come as far as this and comes no further.
    public var cutForm: CutForm {
        if takesEvent, usesSlot { return .event(inChunk: clientFraming == .chunked) }
        return clientFraming == .untilClose ? .reset : .close
    }

    // MARK: - Tokens

    /// What the response says of its tokens, or else what was counted; nil: it isn't one that would say, or hasn't.
    public var usage: ReportedUsage? {
        guard usesSlot else { return nil }
        if let usage = tail.usage { return usage }
        // The prompt may be known, and what was counted is the best there is.
        guard var usage = tail.start else { return nil }
        usage.generated = countedTokens
        return usage
    }

    /// What computing the prompt took, in milliseconds, if all of the response has come with its head and says so.
    ///
    /// - Parameter body: what came behind the head.
    public func prefill(inWhole body: borrowing Span<UInt8>) -> Int? {
        guard usesSlot, !isEventStream, case .length(let length) = framing, body.count >= length else { return nil }
        let end = Int(length)
        let start = max(0, end - AnswerTail.capacity)
        return ReportedUsage(endingIn: body.extracting(start..<end))?.promptMilliseconds
    }

    /// What llama-server may do when its connection is closed now.
    var hasTokens: Bool { !awaitsFirstEvent }
}
