import NIOCore
import NIOHTTP1

/// One connection of the status server: an answer to the first request, then its end. NIO calls it on the connection's
/// event loop alone.
final class StatusHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (HTTPRequestHead) -> StatusAnswer
    private var hasAnswered = false

    init(answer: @escaping @Sendable (HTTPRequestHead) -> StatusAnswer) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // A body, which nobody needs, and requests after the first are passed over until the connection is closed.
        guard case .head(let request) = unwrapInboundIn(data), !hasAnswered else { return }
        hasAnswered = true
        let answer = answer(request)
        var headers: HTTPHeaders = [
            "content-type": answer.contentType, "content-length": "\(answer.body.count)", "connection": "close",
            "cache-control": "no-store",
        ]
        if let methods = answer.allowedMethods { headers.add(name: "allow", value: methods) }
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }

    /// What isn't HTTP, and what breaks off, gets no answer.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
