internal import NIOCore
internal import NIOHTTP1

/// One connection, which ends with its answer.
final class StubHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let log: StubLog
    private let answer: StubHTTPServer.Answer

    init(log: StubLog, answer: @escaping StubHTTPServer.Answer) {
        self.log = log
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let request = StubRequest(
            method: head.method.rawValue,
            uri: head.uri,
            headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { _, last in last }
        )
        log.append(request)
        guard let reply = answer(request) else { return }
        let headers: HTTPHeaders = ["content-length": "\(reply.body.utf8.count)", "connection": "close"]
        let replyHead = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: reply.status),
            headers: headers
        )
        context.write(wrapOutboundOut(.head(replyHead)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: reply.body)))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}
