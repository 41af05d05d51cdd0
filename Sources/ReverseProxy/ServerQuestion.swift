import HTTPFraming
import NIOCore

/// One request whose whole answer is read, within limits.
final class ServerQuestion: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: ByteBuffer
    private var heard: ((ServerAnswer?) -> Void)?
    private var context: ChannelHandlerContext?
    private var received = ByteBuffer()
    private var head = ResponseHead()
    private var isHeadComplete = false
    private var framer = BodyFramer(.none)
    private var text = ByteBuffer()
    private var processStart: UInt64?

    /// - Parameter heard: called once; with nil if there is no answer.
    init(_ request: ByteBuffer, heard: @escaping (ServerAnswer?) -> Void) {
        self.request = request
        self.heard = heard
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        guard heard != nil else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard heard != nil else { return }
        received.writeImmutableBuffer(unwrapInboundIn(data))
        do {
            if try read() { end(answer) }
        } catch {
            end()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(isHeadComplete && head.body == .untilClose ? answer : nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end() }

    /// - Returns: whether the answer is whole.
    private func read() throws -> Bool {
        let source = received
        if !isHeadComplete {
            guard try head.parse(source.readableBytesUInt8Span, answering: .get) else { return false }
            isHeadComplete = true
            guard head.status >= 200 else {
                end()
                return false
            }
            let start = head.value(of: Self.processStartField, in: source.readableBytesUInt8Span)
            processStart = start.flatMap {
                UInt64(String(decoding: source.readableBytesView[relative: $0], as: UTF8.self))
            }
            framer = BodyFramer(head.body)
            received.moveReaderIndex(forwardBy: head.length)
            return try read()
        }
        var offset = 0
        while true {
            switch try framer.next(source.readableBytesUInt8Span, from: offset) {
            case .data(let range):
                guard text.readableBytes + range.count <= FleetGathering.maximumBytes else {
                    end()
                    return false
                }
                text.write(source, range)
                offset = range.upperBound
            case .needMore:
                received.clear()
                return false
            case .end:
                return true
            }
        }
    }

    private static let processStartField = Array("process-start-time-unix".utf8)

    private var answer: ServerAnswer {
        ServerAnswer(status: head.status, text: String(buffer: text), processStart: processStart)
    }

    /// - Parameter answer: nil: there is none.
    func end(_ answer: ServerAnswer? = nil) {
        guard let heard else { return }
        self.heard = nil
        heard(answer)
        context?.close(promise: nil)
    }
}
