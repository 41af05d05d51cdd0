import AgentProtocol
import NIOCore

/// A connection of one agent, as bytes: hands on what the balancer says.
final class CrowdConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let agent: CrowdAgent
    private var lines = MessageLines()
    private var hasHead = false

    init(_ agent: CrowdAgent) {
        self.agent = agent
    }

    func channelActive(context: ChannelHandlerContext) {
        agent.opened(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let lines = try? lines.append(unwrapInboundIn(data).readableBytesView) else {
            return context.close(promise: nil)
        }
        for line in lines { read(line) }
    }

    /// The head, the sizes of chunks and messages all are lines, and messages alone begin with a brace.
    private func read(_ line: [UInt8]) {
        if !hasHead {
            hasHead = true
            guard line.starts(with: Array("HTTP/1.1 200".utf8)) else { return agent.declined() }
        } else if line.first == UInt8(ascii: "{"), let message = try? BalancerMessage.decode(line: line) {
            agent.heard(message)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        agent.ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
