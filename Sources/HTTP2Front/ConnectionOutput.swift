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
    /// Small pieces that were written and not flushed: frames come head by head and payload by payload, and TLS makes a record of
    /// each piece.
    private var gathered = ByteBuffer()

    /// In bytes: more isn't worth a copy.
    private static let smallPiece = 4 << 10
    /// In bytes: as much as a record of TLS has (RFC 8446 5.1).
    private static let most = 16 << 10

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

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let piece = unwrapOutboundIn(data)
        guard promise == nil, piece.readableBytes <= Self.smallPiece else {
            passGathered(context)
            return context.write(data, promise: promise)
        }
        if gathered.capacity == 0 { gathered = context.channel.allocator.buffer(capacity: Self.most) }
        gathered.writeImmutableBuffer(piece)
        if gathered.readableBytes >= Self.most { passGathered(context) }
    }

    private func passGathered(_ context: ChannelHandlerContext) {
        guard gathered.readableBytes > 0 else { return }
        let bytes = gathered
        // None is kept by a connection that is idle.
        gathered = ByteBuffer()
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush(context: ChannelHandlerContext) {
        guard !isFlushScheduled, let flushTask else { return }
        isFlushScheduled = true
        context.eventLoop.execute(flushTask)
    }

    func flushNow() {
        isFlushScheduled = false
        guard let context else { return }
        passGathered(context)
        context.flush()
    }

    /// Between two frames, and without HTTP/2's own machinery: to that the connection goes on, as it does for streams that the
    /// client opens before it hears of this.
    func send(_ frames: ByteBuffer) {
        gathered.writeImmutableBuffer(frames)
        flushNow()
    }

    /// From now on, what the client sends isn't looked at any more.
    func becomeDeaf() {
        isDeaf = true
    }
}
