internal import NIOCore
internal import NIOTLS

/// Stands behind a client's TLS, and tells the one in front of it.
final class TLSBack: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let front: TLSFront

    init(_ front: TLSFront) {
        self.front = front
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { front.completed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        front.failed(error)
    }
}
