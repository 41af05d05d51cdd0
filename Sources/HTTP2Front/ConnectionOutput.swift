import NIOCore

/// Stands between HTTP/2 and the connection's bytes: sends what all streams write in one turn of the event loop by one call of the
/// system, and in one record of TLS; and throws away what comes when the connection has come to its end.
final class ConnectionOutput: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    private var flushTask: (@Sendable () -> Void)?
    private var isFlushScheduled = false
    private(set) var isDeaf = false

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        flushTask = { bound.value.flushNow() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        // It holds on to this.
        flushTask = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isDeaf { context.fireChannelRead(data) }
    }

    func flush(context: ChannelHandlerContext) {
        guard !isFlushScheduled, let flushTask else { return }
        isFlushScheduled = true
        context.eventLoop.execute(flushTask)
    }

    func flushNow() {
        isFlushScheduled = false
        context?.flush()
    }

    /// Between two frames, and without HTTP/2's own machinery: to that the connection goes on, as it does for streams that the
    /// client opens before it hears of this.
    func send(_ frames: ByteBuffer) {
        context?.write(wrapOutboundOut(frames), promise: nil)
        flushNow()
    }

    /// From now on, what the client sends isn't looked at any more.
    func becomeDeaf() {
        isDeaf = true
    }
}
