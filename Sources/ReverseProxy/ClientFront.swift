import AccessControl
import FleetMetrics
import HTTP2Front
import Logging
import NIOCore
import NIOTLS
import TransportSecurity

/// A client's connection as long as it isn't known what is spoken on it, and afterwards if that is HTTP/2. If it is HTTP/1.1, a
/// ``ClientConnection`` takes its place.
///
/// What is spoken is agreed on by TLS (ALPN, RFC 7301); without TLS, HTTP/2 is known by how it begins.
final class ClientFront: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        /// TLS sees to it that this comes to an end.
        case handshaking
        /// What has come, and since when.
        case readingPreface(ByteBuffer, since: NIODeadline)
        case http2(HTTP2Connection<ClientConnection>)
        /// It is another's now, or closed.
        case ended
    }

    private let loop: ProxyLoop
    /// In front of its TLS; nil: it speaks none.
    private let tls: TLSFront?
    private var state: State
    private var admission = ConnectionCount.Admission.served
    /// Whose the connection is, by the word of a proxy in front; nil: the other end's.
    private var client: IPAddress?
    private var context: ChannelHandlerContext?
    /// What is agreed on by TLS, RFC 9113 3.2.
    private static let http2 = "h2"

    init(loop: ProxyLoop, tls: TLSFront?) {
        self.loop = loop
        self.tls = tls
        state = tls == nil ? .readingPreface(ByteBuffer(), since: loop.sweptAt) : .handshaking
    }

    // MARK: - What NIO tells us

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    /// A channel that was closed before it became active doesn't become inactive.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !loop.isClosed else { return context.close(promise: nil) }
        loop.add(self)
        admission = loop.admit()
        if admission == .dropped { reset() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .readingPreface(var bytes, let since) = state else { return context.fireChannelRead(data) }
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        state = .readingPreface(bytes, since: bytes.readableBytes > 0 ? loop.sweptAt : since)
        switch Preface.match(bytes.readableBytesUInt8Span) {
        case .no: becomeHTTP1(context)
        case .sofar: break
        case .whole: becomeHTTP2(context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshaking = state, case TLSUserEvent.handshakeCompleted(let spoken) = event {
            spoken == Self.http2 ? becomeHTTP2(context) : becomeHTTP1(context)
        } else if case ChannelEvent.inputClosed = event {
            inputEnded(context)
        } else if let named = event as? ProxyHeaderFront.ClientNamed {
            client = named.client
        } else if event is TLSFront.AnsweredWithoutTLS {
            // Then there is somebody who tells of it.
            return becomeHTTP1(context, telling: event)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func inputEnded(_ context: ChannelHandlerContext) {
        switch state {
        case .readingPreface(let bytes, _):
            guard bytes.readableBytes > 0 else { return context.close(promise: nil) }
            becomeHTTP1(context)
        // RFC 9113 has no half-closed connections.
        case .http2, .handshaking: context.close(promise: nil)
        case .ended: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    // MARK: - What is spoken

    /// - Parameter event: what has happened to it already.
    private func becomeHTTP1(_ context: ChannelHandlerContext, telling event: Any? = nil) {
        var received = ByteBuffer()
        if case .readingPreface(let bytes, _) = state { received = bytes }
        state = .ended
        loop.replaced(self)
        let client = ClientConnection(loop: loop, front: tls, admission: admission, peer: peer(context))
        do {
            try context.pipeline.syncOperations.addHandler(client, position: .after(self))
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelActive()
        if let event { context.fireUserInboundEventTriggered(event) }
        if received.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(received)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func becomeHTTP2(_ context: ChannelHandlerContext) {
        var received = ByteBuffer()
        if case .readingPreface(let bytes, _) = state { received = bytes }
        let timeouts = loop.configuration.timeouts
        let limits = ConnectionLife.Limits(
            beginning: TimeAmount(timeouts.requestHead),
            idle: TimeAmount(timeouts.clientIdle)
        )
        do {
            let isSecure = tls != nil
            let peer = peer(context)
            let connection = try HTTP2Connection<ClientConnection>.begin(on: context.channel, limits, at: loop.sweptAt)
            { [loop] reason in
                loop.metrics.http2ConnectionsBroken += 1
                loop.logger.debug("HTTP/2 connection broken off", metadata: ["reason": "\(reason)"])
            } serve: { [loop] stream in
                ClientConnection(loop: loop, stream: stream, isSecure: isSecure, peer: peer)
            }
            state = .http2(connection)
            loop.metrics.http2Connections += 1
            if loop.stage != .serving { connection.leave(at: .now()) }
        } catch {
            return context.close(promise: nil)
        }
        if received.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(received)) }
    }

    private func peer(_ context: ChannelHandlerContext) -> ClientPeer {
        let address = client ?? context.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        return ClientPeer(at: address, trusting: loop.configuration.trustedProxies)
    }

    private func leave() {
        guard case .ended = state else {
            state = .ended
            return loop.closed(self)
        }
    }

    // MARK: - What the loop tells us

    func timePassed(at now: NIODeadline) {
        switch state {
        case .http2(let connection): connection.timePassed(at: now)
        case .readingPreface(let bytes, let since): prefaceIsLate(bytes, since: since, at: now)
        case .handshaking, .ended: break
        }
    }

    private func prefaceIsLate(_ bytes: ByteBuffer, since: NIODeadline, at now: NIODeadline) {
        let timeouts = loop.configuration.timeouts
        if bytes.readableBytes == 0 {
            guard now - since >= TimeAmount(timeouts.clientIdle) else { return }
            loop.metrics.timeouts[.clientIdle, default: 0] += 1
            context?.close(promise: nil)
        } else if now - since >= TimeAmount(timeouts.requestHead), let context {
            // It may begin like that, and like a request, too, which is then as late.
            becomeHTTP1(context)
        }
    }

    /// Answers go on; then its client is to connect again.
    func passOn(at now: NIODeadline) {
        if case .http2(let connection) = state { connection.leave(at: now) }
    }

    /// Whether its client is served, or may be about to ask.
    func isBusy(since moment: NIODeadline) -> Bool {
        switch state {
        case .http2(let connection): connection.isBusy(since: moment)
        case .handshaking, .readingPreface, .ended: false
        }
    }

    /// What the system has yet to take of what was written, for all streams.
    var unsentBytes: Int {
        if case .http2(let connection) = state { connection.unsentBytes } else { 0 }
    }

    /// Ends it, whatever goes on.
    func abort() {
        switch state {
        case .http2(let connection): connection.end()
        case .handshaking, .readingPreface, .ended: context?.close(promise: nil)
        }
    }

    private func reset() {
        guard let context else { return }
        context.channel.lingerForNoTime()
        if let tls { tls.cutOff() } else { context.close(promise: nil) }
    }
}
