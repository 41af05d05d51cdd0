import NIOCore

/// One connection of an HAProxy's `agent-check`: a line, then its end. NIO calls it on the connection's event loop alone.
///
/// What HAProxy sends (its `agent-send`) is passed over.
final class AgentCheckHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable () -> AgentCheckAnswer

    init(answer: @escaping @Sendable () -> AgentCheckAnswer) {
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        // Closed on this side alone: unread bytes of the other's would have the system drop the line.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer().line + "\n"))).whenComplete { _ in
            channel.close(mode: .output, promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
