// Hot path: `channelRead` runs for every relayed chunk. Nothing here may allocate per chunk or wait.

import FleetMetrics
import HTTPFraming
import LlamaServer
import NIOCore
import NIOTLS
import ProxyExchange
import RequestRecords
import Scheduling

/// A connection to an upstream: sends one request at a time and relays its response to the client it is lent to. What comes on
/// it, and its end, mean what its ``UpstreamLink`` says.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let pool: UpstreamPool
    let loop: ProxyLoop
    var context: ChannelHandlerContext?
    /// Who the connection is lent to. Taken away *before* the last write of a response, since a write can end the
    /// client's channel, whose handler would otherwise end this one under our feet.
    var client: ClientConnection?
    var link = UpstreamLink()
    var head = ResponseHead()
    /// The response that is being relayed.
    var relay = ResponseRelay()
    private var method = RequestMethod.get
    /// Received and not yet used: a part of a head.
    var received = ReceiveBuffer()
    /// In bytes, of the request that was sent last.
    private var requestLength = 0
    private var handshake: TLSHandshake?
    private var isDirty = false
    private var isReadHeld = false
    /// When a goodbye is waited for no longer.
    var goodbyeLimit: Scheduled<Void>?
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
        requestLength = message.bytes.readableBytes
        // Without a connection nothing is sent.
        guard let context else {
            link.sends(requestLength)
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
        link.sends(requestLength)
        pool.metrics.bytesSent &+= message.bytes.readableBytes
        guard !isDirty else { return }
        isDirty = true
        loop.flushLater(self)
    }

    func flush() {
        isDirty = false
        link.flushed()
        context?.flush()
    }

    /// Nobody wants the rest of the response.
    func abandon() {
        if let client, case .relaying = link.phase { settleTokens(of: client) }
        client = nil
        link.isAbandoned()
        close()
    }

    func close() {
        context?.close(promise: nil)
    }

    /// Goes back to its pool, to be used again.
    ///
    /// - Parameter mayBeClosing: whether the upstream may be closing it.
    func becomeIdle(at now: NIODeadline = .now(), mayBeClosing: Bool = false) {
        client = nil
        link.becomesIdle()
        idleSince = now
        guard isActive, loop.connections.hasRoomForIdle, pool.put(self, mayBeClosing: mayBeClosing) else {
            return close()
        }
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
        switch link.received() {
        case .body:
            if let client { passOn(buffer, to: client) }
        case .head:
            received.append(buffer)
            if let client { readHead(for: client) }
        case .early(let extent):
            let client = client
            abandon()
            client?.brokeOff(extent)
        case .unasked:
            close()
        case .ignored:
            break
        }
    }

    /// NIO says so, too, when the other side has ended the connection, and closes it then: the last moment at which the
    /// system can be asked how much of the request the server's system has taken. By TLS a connection is ended in other ways, and
    /// nothing is known.
    func channelReadComplete(context: ChannelHandlerContext) {
        if link.mayEndUntouched, !pool.route.usesTLS {
            link.endsWith(unacknowledged: context.unacknowledgedBytes + (context.unsentBytes ?? 0))
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
        relay.endIsDoubtful = true
        context.close(promise: nil)
    }

    // MARK: - Head

    private func readHead(for client: ClientConnection) {
        do {
            while true {
                let source = received.bytes
                guard try head.parse(source.readableBytesUInt8Span, answering: method) else { return }
                guard head.status < 200, head.status != 101 else { break }
                guard link.interimHeadCame(head.length) else {
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
        beginResponse(for: client)
    }

    private func beginResponse(for client: ClientConnection) {
        let hasOwnStart = client.request.hasOwnStart
        let dialect = client.request.dialect
        let source = received.bytes
        var body = source
        body.moveReaderIndex(forwardBy: head.length)
        link.responseBegins()
        relay.begin(
            head,
            in: source.readableBytesUInt8Span,
            for: ResponseRelay.Reader(knowsChunks: !client.decodesChunks, hasHead: hasOwnStart, dialect: dialect)
        )
        if relay.framing == .untilClose, context?.hasUnsentBytes != false { relay.endIsDoubtful = true }
        pool.metrics.answersByClass[min(head.status / 100, 9)] += 1
        let now = NIODeadline.now()
        pool.metrics.timeToFirstByte.record(nanoseconds: client.timeSinceSent(at: now))
        // Behind a head of our own, that one's status is what the client saw.
        client.record.isAnswered(hasOwnStart ? 200 : head.status, at: Instant(now))
        client.learnCrossOrigin(from: head, in: source)
        if hasOwnStart {
            received = ReceiveBuffer()
            client.beginRelaying()
            if body.readableBytes > 0 || relay.isComplete { passOn(body, to: client) }
        } else {
            let prefill =
                loop.configuration.tellsServerTiming ? relay.prefill(inWhole: body.readableBytesUInt8Span) : nil
            let start = client.beginAnswer(head, from: source, framing: relay.clientFraming, prefill: prefill)
            received = ReceiveBuffer()
            passOn(start, body, to: client)
        }
    }

    /// More than the system is certain to take at once.
    var isRequestLarge: Bool { requestLength > Self.smallRequest }

    /// In bytes: for these an empty send buffer has room whatever the system's settings, so that asking what is left of
    /// them, which costs 2,000 instructions, is only worth it for others.
    private static let smallRequest = 4096

    // MARK: - The end of the connection

    private func ended() {
        let end = link.ended(relay)
        if case .ofGoodbye(let lease, let outcome) = end { return saidGoodbye(lease, outcome) }
        guard let client else {
            pool.remove(self)
            return
        }
        switch end {
        case .ofIdle, .ofGoodbye:
            break
        case .brokeOff(let extent):
            self.client = nil
            client.brokeOff(extent)
        case .inHead:
            self.client = nil
            client.upstreamMalformed("it ended before the end of its head")
        case .ofResponse:
            finish(for: client, reusable: false)
        case .cut:
            cut(client)
        }
    }
}
