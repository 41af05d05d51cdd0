// Hot path: `channelRead` runs for every relayed chunk. Nothing here may allocate per chunk or wait.

import FleetMetrics
import HTTPFraming
import LlamaServer
import NIOCore
import NIOTLS
import Scheduling

/// A connection to an upstream: sends one request at a time and relays its answer to the client it is lent to.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case idle
        case awaitingHead
        case relaying
        /// The client left; what still comes is thrown away, and its end frees the slot.
        case leaving
    }

    /// In which form an answer's body goes to the client.
    private enum Passing {
        /// In the framing in which it came.
        case asItIs
        /// Without any, for HTTP/1.0, which knows no chunks.
        case payload
        /// In chunks of our own, behind a head of our own that promised them.
        case chunks
        /// Behind such a head, and no stream of events itself: as one event, when all of it is there.
        case event(ByteBuffer)
    }

    private let pool: UpstreamPool
    private let loop: ProxyLoop
    private var context: ChannelHandlerContext?
    /// Who the connection is lent to. Taken away *before* the last write of an answer, since a write can end the
    /// client's channel, whose handler would otherwise end this one under our feet.
    private var client: ClientConnection?
    private var phase = Phase.idle
    private var method = RequestMethod.get
    private var head = ResponseHead()
    private var framing = BodyFraming.none
    private var framer = BodyFramer(.none)
    private var passing = Passing.asItIs
    /// Received and not yet used: a part of a head.
    private var received = ByteBuffer()
    /// A byte of an answer came, if only of an interim one: the request must not be sent again.
    private var hasAnswerBegun = false
    /// More than the system is certain to take at once.
    private var isRequestLarge = false
    private var wasIdle = false
    private var handshake: TLSHandshake?
    private var isDirty = false
    private var isReadHeld = false
    /// The end of the connection doesn't say that an answer without a length is whole.
    private var endIsDoubtful = false
    private var isEventStream = false
    private var tail = EventStreamTail()
    private var isSlotAnswer = false
    private var awaitsFirstEvent = false
    private var answerTail = AnswerTail()
    /// While leaving: what is given back at the end, and when that is waited for no longer.
    private var goodbye: (lease: Lease, limit: Scheduled<Void>)?
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

    func send(_ message: RequestMessage, for client: ClientConnection, answering method: RequestMethod) {
        self.client = client
        self.method = method
        phase = .awaitingHead
        hasAnswerBegun = false
        isRequestLarge = message.bytes.readableBytes > Self.smallRequest
        guard let context else { return ended() }
        if let ownLines = pool.ownLines {
            let (start, rest) = message.parts(with: ownLines)
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

    /// The client is gone. llama-server is told so by the end of what is sent, and tells by closing the connection that it
    /// has noticed, or has come to the end of the answer. Nothing else says when: it notices a stream's client with its
    /// next token, others only after a second without a result of any task, and a look at its slots is one.
    ///
    /// - Returns: false if there is no such end to wait for: the connection is to be abandoned.
    func sayGoodbye(for lease: Lease) -> Bool {
        // TLS can't end one direction alone.
        guard let context, isActive, !pool.route.usesTLS, !isDirty else { return false }
        // A whole answer that has begun is made already, and may be long.
        guard phase == .awaitingHead || phase == .relaying && isEventStream, !loop.isClosed else { return false }
        // What isn't sent yet would have to be, and by then llama-server knows nothing of it.
        if isRequestLarge, context.hasUnsentBytes { return false }
        client = nil
        phase = .leaving
        received = ByteBuffer()
        let limit = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.longestGoodbye) { [self] in
            endGoodbye(.clientLeft(runsOn: .untilItLooks))
            close()
        }
        goodbye = (lease, limit)
        resumeReading()
        context.close(mode: .output, promise: nil)
        return true
    }

    /// A llama-server that doesn't say anything for so long is asked for its slots instead.
    private static let longestGoodbye = TimeAmount.seconds(30)

    private func endGoodbye(_ outcome: Outcome) {
        guard let (lease, limit) = goodbye else { return }
        goodbye = nil
        limit.cancel()
        loop.dispatcher.finished(lease, outcome)
    }

    /// What llama-server may do when this connection is closed now.
    var runsOn: RunsOn {
        // A head alone can come before the prompt is read.
        phase == .relaying && !awaitsFirstEvent ? .briefly : .untilItLooks
    }

    /// Nobody wants the rest of the answer.
    func abandon() {
        client = nil
        close()
    }

    func close() {
        context?.close(promise: nil)
    }

    /// Goes back to its pool, to be used again.
    func becomeIdle() {
        phase = .idle
        client = nil
        guard isActive, loop.connections.hasRoomForIdle, pool.put(self) else { return close() }
        wasIdle = true
        idleSince = .now()
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
        var buffer = unwrapInboundIn(data)
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
            client.brokeOff(wasReused: wasIdle)
        case .awaitingHead:
            hasAnswerBegun = true
            if received.readableBytes == 0 {
                received = buffer
            } else {
                received.writeBuffer(&buffer)
            }
            readHead(for: client)
        case .relaying:
            relay(buffer, to: client)
        case .leaving:
            break
        }
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
            repeat {
                let source = received
                guard try head.parse(source.readableBytesUInt8Span, answering: method) else { return }
            } while skipInterim()
        } catch {
            return client.upstreamMalformed("\(error)")
        }
        guard head.status != 101 else {
            return client.upstreamMalformed("it switched to a protocol that nobody asked for")
        }
        if head.status == 503, client.request?.dialect != nil {
            abandon()
            return client.upstreamUnavailable()
        }
        phase = .relaying
        framing = head.body
        framer = BodyFramer(framing)
        if framing == .untilClose, context?.hasUnsentBytes != false { endIsDoubtful = true }
        isEventStream = hasEventStream
        tail = EventStreamTail()
        isSlotAnswer = client.request?.dialect != nil
        if isSlotAnswer { answerTail.begin() }
        awaitsFirstEvent = isSlotAnswer && isEventStream
        pool.metrics.answersByClass[min(head.status / 100, 9)] += 1
        pool.metrics.timeToFirstByte.record(nanoseconds: client.timeSinceSent())
        passing = form(for: client)
        let hasOwnStart = client.request?.hasOwnStart == true
        let start = hasOwnStart ? ByteBuffer() : client.beginAnswer(head, from: received)
        var body = received
        body.moveReaderIndex(forwardBy: head.length)
        received = ByteBuffer()
        if hasOwnStart {
            client.beginRelaying()
            if body.readableBytes > 0 || framer.isComplete { relay(body, to: client) }
        } else {
            relay(start, body, to: client)
        }
    }

    private func form(for client: ClientConnection) -> Passing {
        if client.request?.hasOwnStart == true {
            guard isEventStream, head.status == 200 else { return .event(ByteBuffer()) }
            if !client.decodesChunks, framing != .chunked { return .chunks }
        }
        return client.decodesChunks && framing == .chunked ? .payload : .asItIs
    }

    /// 1xx heads announce; the answer is still to come.
    private func skipInterim() -> Bool {
        guard head.status < 200, head.status != 101 else { return false }
        received.moveReaderIndex(forwardBy: head.length)
        head.reset()
        return true
    }

    private var hasEventStream: Bool {
        guard let type = head.first(.contentType) else { return false }
        return received.readableBytesView[relative: type.value].starts(with: "text/event-stream".utf8)
    }

    /// The head and what came with it: a small body goes out in the same write.
    private func relay(_ start: ByteBuffer, _ body: ByteBuffer, to client: ClientConnection) {
        guard body.readableBytes > 0 || framer.isComplete else { return client.write(start) }
        guard body.readableBytes <= Self.smallBody, case .asItIs = passing else {
            client.write(start)
            return relay(body, to: client)
        }
        relay(body, behind: start, to: client)
    }

    /// In bytes.
    private static let smallBody = 4096
    /// In bytes: for these an empty send buffer has room whatever the system's settings, so that asking what is left of
    /// them, which costs 2,000 instructions, is only worth it for others.
    private static let smallRequest = 4096

    // MARK: - Body

    private func relay(_ buffer: ByteBuffer, behind start: ByteBuffer? = nil, to client: ClientConnection) {
        guard case .asItIs = passing else { return relayPayload(buffer, to: client) }
        var buffer = buffer
        let count: Int
        let isComplete: Bool
        do {
            (count, isComplete) = try framer.advance(buffer.readableBytesUInt8Span)
        } catch {
            // Without its head, what is said of the cut would look like an answer's start.
            if let start { client.write(start) }
            return cut(client)
        }
        let hasLeftover = count < buffer.readableBytes
        var piece = buffer
        if hasLeftover {
            piece = buffer.readSlice(length: count) ?? ByteBuffer()
        }
        follow(piece, of: client)
        if var start {
            start.writeBuffer(&piece)
            piece = start
        }
        guard isComplete else { return client.write(piece) }
        finish(piece, for: client, reusable: head.keepsAlive && !hasLeftover)
    }

    /// In another form than it came in.
    private func relayPayload(_ buffer: ByteBuffer, to client: ClientConnection) {
        var offset = 0
        do {
            while true {
                switch try framer.next(buffer.readableBytesUInt8Span, from: offset) {
                case .data(let range):
                    offset = range.upperBound
                    if let piece = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) {
                        follow(piece, of: client)
                        guard pass(piece, to: client) else { return cut(client) }
                    }
                case .needMore:
                    return
                case .end(let end):
                    let reusable = head.keepsAlive && end == buffer.readableBytes
                    return finish(for: client, reusable: reusable)
                }
            }
        } catch {
            cut(client)
        }
    }

    /// The most of an answer that becomes a single event. Errors are far shorter.
    private static let longestEvent = 1 << 20

    /// - Returns: false when the answer is too long for its form: no part of it may be taken for the whole.
    private func pass(_ piece: ByteBuffer, to client: ClientConnection) -> Bool {
        switch passing {
        case .asItIs, .payload: client.write(piece)
        case .chunks: client.writePayload(piece, inChunk: true)
        case .event(var body):
            guard body.readableBytes + piece.readableBytes <= Self.longestEvent else { return false }
            passing = .asItIs
            body.writeImmutableBuffer(piece)
            passing = .event(body)
        }
        return true
    }

    /// The upstream has said all of its answer.
    private func finish(for client: ClientConnection, reusable: Bool) {
        switch passing {
        case .asItIs, .payload:
            return finish(ByteBuffer(), for: client, reusable: reusable)
        case .chunks:
            break
        case .event(let body):
            client.writeAsEvent(status: head.status, body: body)
        }
        finish(client.streamEnd, for: client, reusable: reusable)
    }

    private func follow(_ piece: ByteBuffer, of client: ClientConnection) {
        if isEventStream { tail.append(piece) }
        guard isSlotAnswer else { return }
        answerTail.append(piece)
        guard awaitsFirstEvent, hasEvent(piece) else { return }
        awaitsFirstEvent = false
        pool.metrics.timeToFirstToken.record(nanoseconds: client.timeSinceSent())
    }

    /// Comments, which keep a connection alive, are not what the client waits for; nor is the size of a chunk.
    private func hasEvent(_ piece: ByteBuffer) -> Bool {
        piece.readableBytesView.firstRange(of: "data:".utf8) != nil
    }

    private func record(_ client: ClientConnection) {
        pool.metrics.answerTime.record(nanoseconds: client.timeSinceSent())
        guard isSlotAnswer, let usage = answerTail.usage else { return }
        pool.metrics.tokens.add(
            TokenCounts(
                promptComputed: usage.promptComputed,
                promptCached: usage.promptCached,
                generated: usage.generated
            )
        )
    }

    /// The answer is whole. Both sides are unlinked before the last write.
    private func finish(_ last: ByteBuffer, for client: ClientConnection, reusable: Bool) {
        self.client = nil
        record(client)
        head.reset()
        passing = .asItIs
        // The rest of a request that was answered before all of it was sent would go on in front of the next one.
        if reusable, !isRequestLarge || context?.hasUnsentBytes == false { becomeIdle() } else { close() }
        if last.readableBytes > 0 { client.write(last) }
        client.endAnswer()
    }

    /// The client has waited long enough for more of this answer.
    func cutShort(_ cut: AnswerCut) {
        guard let client, phase == .relaying else { return }
        self.cut(client, cut)
    }

    private func cut(_ client: ClientConnection, _ cut: AnswerCut = .brokenOff) {
        let takesEvent = takesEvent
        pool.metrics.answersCut += 1
        abandon()
        client.answerCut(cut, takesEvent: takesEvent, framing: framing)
    }

    /// Whether an event of one's own may be said: between two events, and never within a Content-Length, which it would
    /// fill.
    private var takesEvent: Bool {
        if case .event = passing { return true }
        guard isEventStream else { return false }
        switch passing {
        case .asItIs: break
        case .payload, .chunks, .event: return tail.endsBetweenEvents
        }
        return switch framing {
        case .none, .length: false
        case .untilClose: tail.endsBetweenEvents
        case .chunked: framer.isBetweenChunks && tail.endsBetweenEventsInChunks
        }
    }

    /// - Returns: the framing in which the answer comes, if a comment may be put into it now.
    func framingForEvent() -> BodyFraming? {
        takesEvent && !framer.isComplete ? framing : nil
    }

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
            client.brokeOff(wasReused: wasIdle)
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
