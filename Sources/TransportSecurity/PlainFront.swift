internal import LlamaServer
package import NIOCore

/// Stands in front of a connection that speaks plain HTTP until its first byte: who begins with TLS there is answered without,
/// in words, since the other side learns from it what is wrong.
///
/// Belongs to the connection's event loop.
package final class PlainFront: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum State {
        case waiting
        /// What still comes is thrown away, so that a reset doesn't destroy the answer.
        case refused(deadline: Scheduled<Void>)
        case over
    }

    private var state = State.waiting
    private let onRefusal: () -> Void

    private static let lingeringTime: TimeAmount = .seconds(5)

    /// - Parameter onRefusal: is told of a client that began with TLS.
    package init(onRefusal: @escaping () -> Void) {
        self.onRefusal = onRefusal
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        if case .refused(let deadline) = state { deadline.cancel() }
        state = .over
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .waiting:
            let bytes = unwrapInboundIn(data)
            guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
            guard ConnectionStart(first) == .tls else {
                state = .over
                context.fireChannelRead(data)
                return context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            }
            refuse(context)
        case .refused: break
        case .over: context.fireChannelRead(data)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let channel = context.channel
        state = .refused(
            deadline: context.eventLoop.scheduleTask(in: Self.lingeringTime) { channel.close(promise: nil) }
        )
        onRefusal()
        let error = ErrorBody(
            code: 400,
            message: "this port speaks plain HTTP, and the client began with TLS: ask by http:// instead of https://",
            type: "invalid_request_error"
        )
        context.writeAndFlush(wrapOutboundOut(error.plainRefusal), promise: nil)
        context.close(mode: .output, promise: nil)
    }
}

extension ErrorBody {
    /// The whole answer to who speaks in another way than the port.
    var plainRefusal: ByteBuffer {
        var head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\n"
        head += "Content-Length: \(json.count)\r\nConnection: close\r\n\r\n"
        return ByteBuffer(bytes: Array(head.utf8) + json)
    }
}
