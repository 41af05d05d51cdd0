// Hot path: `write` and `flush` run for every relayed chunk. Nothing here may allocate per chunk or wait.

import AccessControl
import FleetMetrics
import HTTPFraming
import LlamaServer
import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling
import TransportSecurity

/// A client's connection: reads requests one after the other, sees each through to its end.
///
/// This file: what NIO tells it, and writing. `+Reading`: from bytes to a request. `+Message`: the request as an upstream
/// gets it. `+Sending`: what the request's ``Exchange`` decides is done. `+Answering`: from an answer to the client. `+Waiting`:
/// what time brings.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How a connection is closed when all is written.
    enum Ending {
        /// The client expects it.
        case close
        /// The client may be sending, and a reset in return must not destroy its answer.
        case linger
        /// In a way that can't be taken for the end of an answer.
        case reset
    }

    let loop: ProxyLoop
    /// In front of its TLS; nil: it speaks plain HTTP.
    private let front: TLSFront?
    /// What carries it instead of a socket; nil: it has a socket.
    private let stream: ClientStream?
    /// Whether it is one connection too many; nil: that isn't known yet.
    let admission: ConnectionCount.Admission?
    /// What of the client's bytes may be used now, and how the connection ends.
    var link: ClientLink
    /// Of no meaning while there is none: see ``hasRequest``.
    var request = ProxiedRequest.none
    /// The way of the request; of no meaning while there is none.
    var exchange: Exchange
    /// The connection that the request was sent on: while its response is awaited or relayed.
    var upstream: UpstreamConnection?
    /// What is told of the request when it has ended; of no meaning while there is none.
    var record = RequestRecord(.made(0, 0), time: 0, arrived: Instant(nanoseconds: 0))
    /// How it ends if its client goes now, where that isn't the client's own wish.
    var outcomeOfLeaving: RequestOutcome?
    /// Over all requests.
    private(set) var bytesWritten = 0
    /// Before the request came.
    var bytesWrittenBefore = 0
    /// Bytes received and not yet used: a part of a head, or requests that were pipelined.
    var received = ReceiveBuffer()
    private var held: HeldBytes
    var bodyPace: BodyPace
    var head = RequestHead()
    var bodyFramer = BodyFramer(.none)
    var isProcessing = false
    /// What the client has yet to take of what was written, the system's part included, and since when that has been as much.
    var untaken: (bytes: Int, since: NIODeadline)?
    /// The client's address as it stands in `X-Forwarded-For`.
    private(set) var remoteAddress: [UInt8] = []
    /// The same, as others take it; nil: it has none.
    private(set) var peer: IPAddress?
    /// Empty: it has none.
    private(set) var peerName = ""
    /// Whether it is a proxy in front of us whose word on its clients counts.
    private(set) var isTrustedProxy = false

    /// Where it stands among its loop's.
    var place = 0

    private(set) var context: ChannelHandlerContext?
    /// Whether the client reads as fast as it is written to. Kept here since asking the channel costs an atomic load
    /// through an existential, per chunk.
    private(set) var isWritable = true
    private var isDirty = false

    /// - Parameters:
    ///   - front: of its TLS.
    ///   - stream: of an HTTP/2 connection.
    ///   - admission: as one of the connections that may be open; nil: it has yet to ask for that.
    ///   - client: whose it is, if that isn't who is at the other end.
    init(
        loop: ProxyLoop,
        front: TLSFront? = nil,
        stream: ClientStream? = nil,
        admission: ConnectionCount.Admission? = nil,
        client: IPAddress? = nil
    ) {
        self.loop = loop
        self.front = front
        exchange = Exchange(RequestID(rawValue: 0), isSlotless: true, isIdempotent: true, loop.exchangeLimits)
        self.stream = stream
        self.admission = admission
        peer = client
        held = HeldBytes(of: loop.budget)
        bodyPace = BodyPace(since: loop.sweptAt)
        link = ClientLink(at: Instant(loop.sweptAt))
    }

    /// Whether a request's head has been read, and its answer has not ended.
    var hasRequest: Bool { !request.isNone }

    /// Whether it speaks TLS.
    var isSecure: Bool { front != nil || stream?.isSecure == true }

    /// Whether it is one of several on an HTTP/2 connection.
    var isStream: Bool { stream != nil }

    /// Whether the system, or the client of a stream, has yet to take some of what was written. True when that is all lost.
    var hasUnsentBytes: Bool { context != nil && unsentBytes != 0 }

    /// How much of it; nil when it is all lost.
    var unsentBytes: Int? { stream.map(\.unsentBytes) ?? context?.unsentBytes }

    /// How much of what the system has taken the client hasn't, in bytes. A call of the system.
    var unacknowledgedBytes: Int { stream?.unacknowledgedBytes ?? context?.unacknowledgedBytes ?? 0 }

    // MARK: - What NIO tells us

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
    }

    /// A channel that was closed before it became active doesn't become inactive.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        // A listener for both families sees IPv4 clients by mapped addresses.
        become(peer ?? context.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) })
        loop.opened(self)
    }

    /// The client is at this address; nil: at none that is known.
    private func become(_ address: IPAddress?) {
        peer = address
        peerName = address.map { "\($0)" } ?? ""
        remoteAddress = Array((address == nil ? "unknown" : peerName).utf8)
        isTrustedProxy = address.map(loop.configuration.trustedProxies.contains) ?? false
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        loop.metrics.bytesFromClients &+= buffer.readableBytes
        guard link.takesBytes else { return }
        received.append(buffer)
        process()
    }

    func read(context: ChannelHandlerContext) {
        guard link.mayRead(unused: received.bytes.readableBytes, isWritable: isWritable) else { return }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        guard isWritable else { return }
        switch link.phase {
        case .exchanging:
            upstream?.resumeReading()
        case .idle, .readingHead:
            resumeReading()
            process()
        case .readingBody, .closing, .lingering, .closed:
            break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        loop.closed(self)
        clientLeft()
        countHeldBytes()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { inputEnded() }
        if let named = event as? ProxyHeaderFront.ClientNamed, let client = named.client { become(client) }
        if let answered = event as? TLSFront.AnsweredWithoutTLS { tellOfAnswerWithoutTLS(answered.bytes) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: - What is held

    /// Counts what is held for the client now: what it sent and wasn't used yet, and its request until that needs not be
    /// sent again.
    ///
    /// - Returns: false if that is more than before, and too much with what is held for others.
    @discardableResult
    func countHeldBytes() -> Bool {
        held.become(received.heldBytes + (request.message?.bytes.readableBytes ?? 0))
    }

    // MARK: - Reading on

    /// Called whenever a request ended: what was pipelined behind it is next.
    func resumeReading() {
        if link.readsOn() { context?.read() }
    }

    // MARK: - Writing

    func write(_ buffer: ByteBuffer) {
        guard let context else { return }
        loop.metrics.bytesToClients &+= buffer.readableBytes
        bytesWritten &+= buffer.readableBytes
        context.write(wrapOutboundOut(buffer), promise: nil)
        guard !isDirty else { return }
        isDirty = true
        loop.flushLater(self)
    }

    func flush() {
        isDirty = false
        context?.flush()
    }

    // MARK: - Closing

    func close() {
        context?.close(promise: nil)
    }

    /// Closes at once. Who waits for an answer, or the rest of one, is told; what the client doesn't take at once is lost,
    /// and it can tell.
    func abort() {
        if case .exchanging = link.phase {
            switch exchange.state {
            case .connecting, .awaitingResponse:
                answer(LocalAnswer(.shuttingDown), afterAttempt: AnswerCut.shutdown.outcome)
            case .relaying: upstream?.cutShort(.shutdown)
            case .deciding, .queued: break
            }
        }
        if hasUnsentBytes { reset() } else { close() }
    }

    /// Closes as soon as everything written has gone out.
    func closeWhenWritten(_ ending: Ending) {
        guard let context else { return }
        link.ends(lingers: ending == .linger)
        received = ReceiveBuffer()
        countHeldBytes()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { [self] _ in
            switch ending {
            case .close: close()
            case .linger: linger()
            case .reset: reset()
            }
        }
        resumeReading()
    }

    private func linger() {
        guard let context else { return }
        context.close(mode: .output, promise: nil)
        loop.linger(self)
    }

    func reset() {
        guard let context else { return }
        if let stream { return stream.reset() }
        context.channel.lingerForNoTime()
        // The goodbye of TLS would say that all is well.
        if let front { front.cutOff() } else { context.close(promise: nil) }
    }

    /// Whether a part of an answer has still to reach the client.
    var isFinishing: Bool { link.isFinishing(hasUnsent: hasUnsentBytes) }
}
