// Hot path: `write` and `flush` run for every relayed chunk. Nothing here may allocate per chunk or wait.

import AccessControl
import EndpointPicking
import FleetMetrics
import HTTP2Front
import HTTPFraming
import LlamaServer
import NIOCore
import PickRules
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
    var transport: ClientTransport
    /// Of its TLS, where it is a socket that carries it. Not a part of that: what is referred to weakly is dear to refer to.
    private let front: TLSFront?
    /// Whether it speaks TLS.
    let isSecure: Bool
    /// Whether it is one of several on an HTTP/2 connection.
    let isStream: Bool
    /// What of its request's body Envoy tells, where that is who carries it and asks where it goes; nil: it isn't.
    let picked: PickStart.Body?
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
    private(set) var peer: ClientPeer

    /// Where it stands among its loop's.
    var place = 0

    /// Whether the client reads as fast as it is written to.
    private(set) var isWritable = true
    private var isDirty = false

    /// One that a socket will carry.
    ///
    /// - Parameters:
    ///   - front: of its TLS.
    ///   - admission: as one of the connections that may be open; nil: it has yet to ask for that.
    ///   - peer: whose it is; nil: its channel says so.
    convenience init(
        loop: ProxyLoop,
        front: TLSFront? = nil,
        admission: ConnectionCount.Admission? = nil,
        peer: ClientPeer? = nil
    ) {
        self.init(loop, .none, front, isSecure: front != nil, isStream: false, nil, admission, peer ?? .unknown)
    }

    /// One that a stream carries.
    convenience init(loop: ProxyLoop, stream: HTTP2Stream<ClientConnection>, isSecure: Bool, peer: ClientPeer) {
        self.init(loop, .stream(stream), nil, isSecure: isSecure, isStream: true, nil, nil, peer)
        isWritable = stream.isWritable
    }

    /// One that an Envoy carries.
    convenience init(loop: ProxyLoop, pick: PickStream<ClientConnection>, isSecure: Bool, peer: ClientPeer) {
        let body = pick.start?.body ?? PickStart.Body.none
        self.init(loop, .pick(pick), nil, isSecure: isSecure, isStream: true, body, nil, peer)
    }

    private init(
        _ loop: ProxyLoop,
        _ transport: ClientTransport,
        _ front: TLSFront?,
        isSecure: Bool,
        isStream: Bool,
        _ picked: PickStart.Body?,
        _ admission: ConnectionCount.Admission?,
        _ peer: ClientPeer
    ) {
        self.loop = loop
        self.transport = transport
        self.front = front
        self.isSecure = isSecure
        self.isStream = isStream
        self.picked = picked
        self.admission = admission
        self.peer = peer
        exchange = Exchange(RequestID(rawValue: 0), isSlotless: true, isIdempotent: true, loop.exchangeLimits)
        held = HeldBytes(of: loop.budget)
        bodyPace = BodyPace(since: loop.sweptAt)
        link = ClientLink(at: Instant(loop.sweptAt))
    }

    /// Whether a request's head has been read, and its answer has not ended.
    var hasRequest: Bool { !request.isNone }

    /// Whether its request has a body that nobody tells here.
    var isBodyUntold: Bool { picked == .untold }

    /// Whether the system, or the client of a stream, has yet to take some of what was written. True when that is all lost.
    var hasUnsentBytes: Bool { transport.isThere && unsentBytes != 0 }

    /// How much of it; nil when it is all lost.
    var unsentBytes: Int? { transport.unsentBytes }

    /// How much of what the system has taken the client hasn't, in bytes. A call of the system.
    var unacknowledgedBytes: Int { transport.unacknowledgedBytes }

    // MARK: - What NIO tells us

    func handlerAdded(context: ChannelHandlerContext) {
        transport = .socket(context)
        isWritable = transport.isWritable
    }

    /// A channel that was closed before it became active doesn't become inactive.
    func handlerRemoved(context: ChannelHandlerContext) {
        transport = .none
    }

    func channelActive(context: ChannelHandlerContext) {
        // A listener for both families sees IPv4 clients by mapped addresses.
        if peer.address == nil { become(context.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }) }
        opened()
    }

    private func become(_ address: IPAddress?) {
        peer = ClientPeer(at: address, trusting: loop.configuration.trustedProxies)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(unwrapInboundIn(data))
    }

    func read(context: ChannelHandlerContext) {
        if mayRead() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        became(isWritable: context.channel.isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed()
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

    // MARK: - What any transport tells us

    func opened() {
        loop.opened(self)
    }

    func take(_ buffer: ByteBuffer) {
        loop.metrics.bytesFromClients &+= buffer.readableBytes
        guard link.takesBytes else { return }
        received.append(buffer)
        process()
    }

    /// Whether there is room for more. If there isn't, ``resumeReading()`` asks for it.
    func mayRead() -> Bool {
        link.mayRead(unused: received.bytes.readableBytes, isWritable: isWritable)
    }

    func became(isWritable: Bool) {
        self.isWritable = isWritable
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

    /// - Parameter goesOn: its server may go on all the same.
    func closed(goesOn: Bool = false) {
        transport = .none
        loop.closed(self)
        clientLeft(goesOn: goesOn)
        countHeldBytes()
    }

    // MARK: - What is held

    /// Counts what is held for the client now: what it sent and wasn't used yet, and its request until that needs not be
    /// sent again.
    ///
    /// - Returns: false if that is more than before, and too much with what is held for others.
    @discardableResult
    func countHeldBytes() -> Bool {
        held.become(received.heldBytes + (request.message?.bytes.readableBytes ?? 0) + transport.unfinishedBytes)
    }

    // MARK: - Reading on

    /// Called whenever a request ended: what was pipelined behind it is next.
    func resumeReading() {
        if link.readsOn() { transport.read() }
    }

    // MARK: - Writing

    func write(_ buffer: ByteBuffer) {
        guard transport.isThere else { return }
        loop.metrics.bytesToClients &+= buffer.readableBytes
        bytesWritten &+= buffer.readableBytes
        transport.write(buffer)
        guard !isDirty else { return }
        isDirty = true
        loop.flushLater(self)
    }

    func flush() {
        isDirty = false
        transport.flush()
    }

    // MARK: - Closing

    func close() {
        transport.close()
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
        guard transport.isThere else { return }
        link.ends(lingers: ending == .linger)
        received = ReceiveBuffer()
        countHeldBytes()
        transport.whenWritten { [self] in
            switch ending {
            case .close: close()
            case .linger: linger()
            case .reset: reset()
            }
        }
        resumeReading()
    }

    private func linger() {
        guard transport.isThere else { return }
        transport.shutOutput()
        loop.linger(self)
    }

    func reset() {
        transport.reset(front)
    }

    /// Whether a part of an answer has still to reach the client.
    var isFinishing: Bool { link.isFinishing(hasUnsent: hasUnsentBytes) }
}
