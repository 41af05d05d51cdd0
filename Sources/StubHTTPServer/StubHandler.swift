internal import NIOCore
internal import NIOHTTP1

/// One connection, which ends with its answer.
final class StubHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let log: StubLog
    private let answer: StubHTTPServer.Answer
    /// Answered when all of it is here: who is still sending might not get to see an answer.
    private var asked: StubRequest?

    init(log: StubLog, answer: @escaping StubHTTPServer.Answer) {
        self.log = log
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            asked = StubRequest(
                method: head.method.rawValue,
                uri: head.uri,
                headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { _, last in last }
            )
        case .body:
            break
        case .end:
            guard let request = asked else { return }
            log.append(request)
            if let reply = answer(request) { send(reply, context) }
        }
    }

    private func send(_ reply: StubReply, _ context: ChannelHandlerContext) {
        var headers: HTTPHeaders = ["content-length": "\(reply.body.utf8.count)", "connection": "close"]
        for (name, value) in reply.headers { headers.add(name: name, value: value) }
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
