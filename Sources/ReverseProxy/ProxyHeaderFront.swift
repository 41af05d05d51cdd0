import AccessControl
import NIOCore
import ProxyProtocol

/// Stands in front of whatever a client's connection speaks, reads the header that the proxy in front of us has written there,
/// and goes.
///
/// Belongs to the connection's event loop.
final class ProxyHeaderFront: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Passed on when the header was read, before the first byte of what follows on it.
    struct ClientNamed {
        /// nil: the other end itself is the client.
        let client: IPAddress?
    }

    /// Why there is no use for a connection.
    enum Refusal {
        /// It isn't from a proxy whose word counts.
        case stranger
        case late
        case unreadable(ProxyHeaderError)
    }

    private enum State {
        case waiting(ByteBuffer, deadline: Scheduled<Void>?)
        case over
    }

    private var state = State.waiting(ByteBuffer(), deadline: nil)
    private var context: ChannelHandlerContext?
    private let trusted: TrustedProxies
    private let limit: TimeAmount
    private let onRefusal: (Refusal, IPAddress?) -> Void

    /// - Parameters:
    ///   - limit: for the header, from when the connection was accepted.
    ///   - onRefusal: is told why the connection is closed, and whose it is.
    init(trusted: TrustedProxies, limit: TimeAmount, onRefusal: @escaping (Refusal, IPAddress?) -> Void) {
        self.trusted = trusted
        self.limit = limit
        self.onRefusal = onRefusal
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        // It counts among the clients from now on, header or not.
        context.fireChannelActive()
        // Who has gone already, as probes do, has no address any more.
        guard let peer = peer(context) else { return context.close(promise: nil) }
        guard trusted.contains(peer) else { return refuse(.stranger) }
        guard case .waiting(let bytes, nil) = state else { return }
        let deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [weak self] in
            self?.refuse(.late)
            return ()
        }
        state = .waiting(bytes, deadline: deadline)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .waiting(var bytes, let deadline) = state else { return }
        var new = unwrapInboundIn(data)
        bytes.writeBuffer(&new)
        state = .waiting(bytes, deadline: deadline)
        switch ProxyHeader.read(bytes.readableBytesView) {
        case .needsMore: break
        case .refused(let error): refuse(.unreadable(error))
        case .header(let header):
            end()
            bytes.moveReaderIndex(forwardBy: header.length)
            context.fireUserInboundEventTriggered(ClientNamed(client: header.client))
            if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
    }

    private func refuse(_ refusal: Refusal) {
        guard let context, case .waiting = state else { return }
        end()
        onRefusal(refusal, peer(context))
        context.close(promise: nil)
    }

    private func end() {
        if case .waiting(_, let deadline) = state { deadline?.cancel() }
        state = .over
    }

    private func peer(_ context: ChannelHandlerContext) -> IPAddress? {
        context.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    }
}
