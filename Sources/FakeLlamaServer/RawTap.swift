import NIOCore

/// Sits before the decoder: keeps a request's head as it came, and writes answers past the decoder, as bytes.
/// Belongs to its connection's event loop.
final class RawTap: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// llhttp refuses heads that are larger.
    private static let mostHeadBytes = 128 * 1024

    /// C's `struct linger`: on, and no time at all.
    private struct Linger {
        let isOn: CInt = 1
        let seconds: CInt = 0
    }

    private var context: ChannelHandlerContext?
    private var captured: [ByteBuffer] = []
    private var isCapturing = true

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isCapturing { captured.append(unwrapInboundIn(data)) }
        context.fireChannelRead(data)
    }

    // MARK: - Reading

    /// The next bytes begin a request's head.
    func capture() {
        isCapturing = true
    }

    /// The head is complete: what was kept of it goes, and of the body nothing is kept.
    func release() {
        isCapturing = false
        captured.removeAll(keepingCapacity: true)
    }

    /// The head with its empty line. Not for pipelined requests.
    func head() -> ByteBuffer {
        var all = ByteBuffer()
        for part in captured where all.readableBytes < Self.mostHeadBytes { all.writeImmutableBuffer(part) }
        return all.headSlice() ?? all
    }

    // MARK: - Writing

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func write(_ bytes: ByteBuffer, flushes: Bool) {
        guard let context else { return }
        context.write(wrapOutboundOut(bytes), promise: nil)
        if flushes { context.flush() }
    }

    func flush() {
        context?.flush()
    }

    /// Closes once everything is sent.
    func writeAndClose(_ bytes: ByteBuffer, mode: CloseMode = .all) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in
            context.close(mode: mode, promise: nil)
        }
    }

    func close() {
        context?.close(promise: nil)
    }

    /// Ends the connection with a TCP reset.
    func reset() {
        guard let context else { return }
        let options = context.channel as? any SocketOptionProvider
        options?.unsafeSetSocketOption(level: .socket, name: .so_linger, value: Linger()).whenComplete { _ in }
        context.close(promise: nil)
    }
}

extension ByteBuffer {
    /// The bytes up to and with the first empty line.
    func headSlice() -> ByteBuffer? {
        let view = readableBytesView
        guard view.count >= 4 else { return nil }
        let end: [UInt8] = [13, 10, 13, 10]
        for index in view.startIndex...(view.endIndex - 4) where view[index] == 13 {
            guard view[index..<index + 4].elementsEqual(end) else { continue }
            return getSlice(at: readerIndex, length: index + 4 - view.startIndex)
        }
        return nil
    }
}
