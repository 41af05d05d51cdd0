// Hot path: `channelRead` runs for every relayed chunk. Nothing here may allocate per chunk or wait.

import FleetMetrics
import HTTPFraming
import LlamaServer
import NIOCore
import NIOTLS
import ProxyExchange
import RequestRecords
import Scheduling

/// A connection to an upstream: sends one request at a time and relays its answer to the client it is lent to.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case idle
        case awaitingHead
        case relaying
        /// The client left; what still comes is thrown away, and its end frees the slot.
        case leaving
    }

    /// In which form an answer's body goes to the client.
    enum Passing {
        /// In the framing in which it came.
        case asItIs
        /// Without any, for HTTP/1.0, which knows no chunks.
        case payload
        /// In chunks of our own, behind a head of our own that promised them.
        case chunks
        /// Behind such a head, and no stream of events itself: as one event, when all of it is there.
        case event(ByteBuffer)
    }

    let pool: UpstreamPool
    let loop: ProxyLoop
    var context: ChannelHandlerContext?
    /// Who the connection is lent to. Taken away *before* the last write of an answer, since a write can end the
    /// client's channel, whose handler would otherwise end this one under our feet.
    var client: ClientConnection?
    var phase = Phase.idle
    private var method = RequestMethod.get
    var head = ResponseHead()
    var framing = BodyFraming.none
    var framer = BodyFramer(.none)
    var passing = Passing.asItIs
    /// Received and not yet used: a part of a head.
    var received = ReceiveBuffer()
    private var interim = InterimHeads()
    /// A byte of an answer came, if only of an interim one: the request must not be sent again.
    var hasAnswerBegun = false
    /// In bytes, of the request that was sent last.
    private var requestLength = 0
    private var wasIdle = false
    /// The other side has ended the connection and its system had not taken a byte of the request.
    private var isRequestUntouched = false
    private var handshake: TLSHandshake?
    var isDirty = false
    private var isReadHeld = false
    /// The end of the connection doesn't say that an answer without a length is whole.
    var endIsDoubtful = false
    var isEventStream = false
    var tail = EventStreamTail()
    var isSlotAnswer = false
    var awaitsFirstEvent = false
    var answerTail = AnswerTail()
    /// Of a streamed answer of Anthropic's dialect, until its first event is over.
    var firstEventEnd: FirstEventEnd?
    var eventCounter = EventCounter()
    /// Of the answer that is being relayed: those that were counted as they passed.
    var countedTokens = 0
    /// While leaving: what is given back at the end, and when that is waited for no longer.
    var goodbye: (lease: Lease, limit: Scheduled<Void>)?
    private(set) var idleSince = NIODeadline.uptimeNanoseconds(0)
    /// When something last came from the upstream, give or take half a second.
    private(set) var heardAt = NIODeadline.uptimeNanoseconds(0)

    init(pool: UpstreamPool, loop: ProxyLoop) {
        self.pool = pool
        self.loop = loop
    }

    var isActive: Bool { context?.channel.isActive == true }

    /// Calls `body` when requests may be sent: at once, or by TLS when it is certain that it is the right server.
    func whenReady(_ body: @escaping (Result<UpstreamConnection, any Error>) -> Void) {
        guard pool.route.usesTLS else { return body(.success(self)) }
        guard isActive else { return body(.failure(ChannelError.eof)) }
        let limit = TimeAmount(loop.configuration.timeouts.connect)
        let handshake = TLSHandshake(on: loop.eventLoop)
        self.handshake = handshake
        let timeout = loop.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            handshake.fail(ChannelError.connectTimeout(limit))
        }
        handshake.future.assumeIsolated().whenComplete { [self] result in
            timeout.cancel()
            self.handshake = nil
            if case .failure = result { close() }
            body(result.map { self })
        }
    }

    // MARK: - Lending

    /// - Parameter model: what the upstream calls the model; nil: as the message does.
    func send(
        _ message: RequestMessage,
        naming model: String?,
        for client: ClientConnection,
        answering method: RequestMethod
    ) {
        self.client = client
        self.method = method
        phase = .awaitingHead
        hasAnswerBegun = false
        interim = InterimHeads()
        isRequestUntouched = false
        requestLength = message.bytes.readableBytes
        // Without a connection nothing is sent.
        guard let context else {
            isDirty = true
            return ended()
        }
        if let model, let place = message.modelPlace {
            let pieces = message.pieces(with: pool.ownLines, naming: model, at: place)
            requestLength = pieces.reduce(0) { $0 + $1.readableBytes }
            for piece in pieces { context.write(wrapOutboundOut(piece), promise: nil) }
        } else if let ownLines = pool.ownLines {
            let (start, rest) = message.parts(with: ownLines)
            requestLength = start.readableBytes + rest.readableBytes
            context.write(wrapOutboundOut(start), promise: nil)
            context.write(wrapOutboundOut(rest), promise: nil)
        } else {
            context.write(wrapOutboundOut(message.bytes), promise: nil)
        }
        pool.metrics.bytesSent &+= message.bytes.readableBytes
        guard !isDirty else { return }
        isDirty = true
        loop.flushLater(self)
    }

    func flush() {
        isDirty = false
        context?.flush()
    }

    /// Nobody wants the rest of the answer.
    func abandon() {
        if let client, phase == .relaying { settleTokens(of: client) }
        client = nil
        close()
    }

    func close() {
        context?.close(promise: nil)
    }

    /// Goes back to its pool, to be used again.
    func becomeIdle(at now: NIODeadline = .now()) {
        phase = .idle
        client = nil
        guard isActive, loop.connections.hasRoomForIdle, pool.put(self) else { return close() }
        wasIdle = true
        idleSince = now
        if isReadHeld { resumeReading() }
    }

    /// The client reads again.
    func resumeReading() {
        guard isReadHeld else { return }
        isReadHeld = false
        // Its silence was ours.
        heardAt = loop.sweptAt
        context?.read()
    }

    // MARK: - What NIO tells us

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.connections.upstreamOpened()
    }

    /// A channel that never connected doesn't become inactive.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.connections.upstreamClosed()
    }

    func read(context: ChannelHandlerContext) {
        // Backpressure: a client that doesn't read stops the reading from its upstream, and nothing else.
        if let client, !client.isWritable {
            isReadHeld = true
            return
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        pool.metrics.bytesReceived &+= buffer.readableBytes
        heardAt = loop.sweptAt
        if phase == .leaving {
            hasAnswerBegun = true
            return
        }
        guard let client else {
            // Bytes that nobody asked for.
            return close()
        }
        switch phase {
        case .idle:
            close()
        case .awaitingHead where isDirty:
            // The request has not been sent, so that this can't be its answer.
            abandon()
            client.brokeOff(.unread(wasIdle: wasIdle))
        case .awaitingHead:
            hasAnswerBegun = true
            received.append(buffer)
            readHead(for: client)
        case .relaying:
            relay(buffer, to: client)
        case .leaving:
            break
        }
    }

    /// NIO says so, too, when the other side has ended the connection, and closes it then: the last moment at which the
    /// system can be asked how much of the request the server's system has taken.
    ///
    /// The end of a connection acknowledges what had come before it, and whoever has closed a connection takes nothing
    /// more. So a server that had taken nothing by then has closed before the request was there. By TLS it is ended in
    /// other ways, and nothing is known.
    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .awaitingHead, !hasAnswerBegun, !isDirty, !pool.route.usesTLS {
            isRequestUntouched = context.unacknowledgedBytes + (context.unsentBytes ?? 0) >= requestLength
        }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        handshake?.fail(ChannelError.eof)
        ended()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { handshake?.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        handshake?.fail(error)
        endIsDoubtful = true
        context.close(promise: nil)
    }

    // MARK: - Head

    private func readHead(for client: ClientConnection) {
        do {
            while true {
                let source = received.bytes
                guard try head.parse(source.readableBytesUInt8Span, answering: method) else { return }
                guard head.status < 200, head.status != 101 else { break }
                guard interim.mayCome(head.length) else {
                    return client.upstreamMalformed("it announced its answer too often")
                }
                client.passOnInterim(head, from: source)
                received.use(head.length)
                head.reset()
            }
        } catch {
            return client.upstreamMalformed("\(error)")
        }
        guard head.status != 101 else {
            return client.upstreamMalformed("it switched to a protocol that nobody asked for")
        }
        if head.status >= 400 {
            switch judge(for: client) {
            case .open: return head.reset()
            case .answer: break
            case .elsewhere(let reason):
                if client.goesElsewhere(after: reason) { return abandon() }
            }
        }
        phase = .relaying
        framing = head.body
        framer = BodyFramer(framing)
        if framing == .untilClose, context?.hasUnsentBytes != false { endIsDoubtful = true }
        isEventStream = hasEventStream
        tail = EventStreamTail()
        let dialect = client.request?.dialect
        isSlotAnswer = dialect != nil
        firstEventEnd = dialect == .anthropic && isEventStream ? FirstEventEnd() : nil
        if isSlotAnswer { answerTail.begin() }
        eventCounter = EventCounter()
        countedTokens = 0
        awaitsFirstEvent = isSlotAnswer && isEventStream
        pool.metrics.answersByClass[min(head.status / 100, 9)] += 1
        let now = NIODeadline.now()
        pool.metrics.timeToFirstByte.record(nanoseconds: client.timeSinceSent(at: now))
        // Behind a head of our own, that one's status is what the client saw.
        client.record.isAnswered(client.request?.hasOwnStart == true ? 200 : head.status, at: Instant(now))
        passing = form(for: client)
        client.learnCrossOrigin(from: head, in: received.bytes)
        let hasOwnStart = client.request?.hasOwnStart == true
        let start =
            hasOwnStart
            ? ByteBuffer() : client.beginAnswer(head, from: received.bytes, prefill: prefillOfWholeAnswer)
        var body = received.bytes
        body.moveReaderIndex(forwardBy: head.length)
        received = ReceiveBuffer()
        if hasOwnStart {
            client.beginRelaying()
            if body.readableBytes > 0 || framer.isComplete { relay(body, to: client) }
        } else {
            relay(start, body, to: client)
        }
    }

    /// What computing the prompt took, in milliseconds, where all of the answer has come with its head and somebody is to be
    /// told.
    private var prefillOfWholeAnswer: Int? {
        guard loop.configuration.tellsServerTiming, isSlotAnswer, !isEventStream, case .length(let length) = head.body
        else { return nil }
        let bytes = received.bytes
        guard bytes.readableBytes - head.length >= length else { return nil }
        let end = head.length + Int(length)
        let start = max(head.length, end - AnswerTail.capacity)
        return ReportedUsage(endingIn: bytes.readableBytesUInt8Span.extracting(start..<end))?.promptMilliseconds
    }

    private func form(for client: ClientConnection) -> Passing {
        if client.request?.hasOwnStart == true {
            guard isEventStream, head.status == 200 else { return .event(ByteBuffer()) }
            if !client.decodesChunks, framing != .chunked { return .chunks }
        }
        return client.decodesChunks && framing == .chunked ? .payload : .asItIs
    }

    /// One that something in between has compressed isn't one that comments and errors could be put into.
    private var hasEventStream: Bool {
        guard let type = head.first(.contentType), head.first(.contentEncoding) == nil else { return false }
        let source = received.bytes
        return source.readableBytesUInt8Span.extracting(type.value).begins(with: "text/event-stream")
    }

    /// More than the system is certain to take at once.
    var isRequestLarge: Bool { requestLength > Self.smallRequest }

    /// In bytes: for these an empty send buffer has room whatever the system's settings, so that asking what is left of
    /// them, which costs 2,000 instructions, is only worth it for others.
    private static let smallRequest = 4096

    // MARK: - The end of the connection

    private func ended() {
        // llama-server answers even so, if only with a head: without one, something in between may have closed for it.
        endGoodbye(.clientLeft(runsOn: hasAnswerBegun ? .no : .untilItLooks))
        guard let client else {
            pool.remove(self)
            return
        }
        switch phase {
        case .idle, .leaving:
            break
        case .awaitingHead where !hasAnswerBegun:
            self.client = nil
            client.brokeOff(isDirty || isRequestUntouched ? .unread(wasIdle: wasIdle) : .perhapsExecuted)
        case .awaitingHead:
            // A part of an answer was seen: it must not be asked for again.
            self.client = nil
            client.upstreamMalformed("it ended before the end of its head")
        case .relaying where framing == .untilClose && !endIsDoubtful:
            finish(for: client, reusable: false)
        case .relaying:
            cut(client)
        }
    }
}
