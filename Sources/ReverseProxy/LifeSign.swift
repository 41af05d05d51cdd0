import LlamaServer
import NIOCore
import NIOPosix
import Scheduling

/// Finds out whether a server is alive whose connection ended instead of bringing an answer: asks for its health over a
/// connection of its own.
///
/// That a connection opens proves nothing: the system of a server that is dying goes on accepting for a moment. llama-server
/// answers `/health` at once, however busy it is. A 5xx is no sign of life: a server that was started again is loading its
/// model, and a proxy in front of a dead one says that it is gone.
final class LifeSign: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: ByteBuffer
    private var body: ((Bool) -> Void)?
    private var received = ByteBuffer()
    /// Enough of an answer to know its status: `HTTP/1.1 200`.
    private static let statusLength = 12

    /// - Parameter body: called once, on the connection's event loop.
    init(of route: UpstreamRoute, then body: @escaping (Bool) -> Void) {
        let path = "\(route.pathPrefix?.text ?? "")/health"
        request = ByteBuffer(
            string: "GET \(path) HTTP/1.1\r\nHost: \(route.address.authority)\r\nConnection: close\r\n\r\n"
        )
        self.body = body
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        guard received.readableBytes >= Self.statusLength else { return }
        let start = received.readString(length: Self.statusLength) ?? ""
        found(start.hasPrefix("HTTP/1.") && start.dropFirst(9).first != "5")
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        found(false)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// What is found first counts.
    func found(_ isAlive: Bool) {
        guard let body else { return }
        self.body = nil
        body(isAlive)
    }
}

extension ProxyLoop {
    /// Tells within the time that a connection may take to open whether the server behind `pool` answers.
    func findOut(whetherAlive pool: UpstreamPool, then body: @escaping (Bool) -> Void) {
        let limit = TimeAmount(configuration.timeouts.connect)
        let route = pool.route
        let sign = LifeSign(of: route, then: body)
        let bound = NIOLoopBound((loop: self, sign: sign), eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (loop, sign) = bound.value
                    let pipeline = channel.pipeline.syncOperations
                    if route.usesTLS { try pipeline.addHandler(loop.tls.handler(for: route)) }
                    try pipeline.addHandler(sign)
                }
            }
        let connected = connected(bootstrap, to: route.address, pool.socketAddress).assumeIsolated()
        let timeout = eventLoop.assumeIsolated().scheduleTask(in: limit) { sign.found(false) }
        connected.whenComplete { result in
            guard case .success(let channel) = result else {
                timeout.cancel()
                return sign.found(false)
            }
            channel.closeFuture.assumeIsolated().whenComplete { _ in timeout.cancel() }
        }
    }
}
