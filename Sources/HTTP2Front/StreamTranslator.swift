// Hot path: `write` runs for every relayed chunk. Nothing here may allocate per chunk or wait, but for what NIO's frames take.

import HTTPFraming
package import NIOCore
import NIOHPACK
package import NIOHTTP2

/// Stands between a stream of HTTP/2 and what serves HTTP/1.1, to which it looks like a connection with one request.
///
/// | what is behind it relies on | and gets |
/// |---|---|
/// | `channelActive` | when the request's head is here |
/// | `channelRead` | head and body in HTTP/1.1; trailers in the last chunk |
/// | the client's half-closure | never: the end of the request is no sign that the client has left |
/// | `channelInactive` | when the stream is closed: by both ends, by RST_STREAM, or with its connection |
/// | writability | the stream's: its client's window, and the connection |
/// | `write` | frames; what an answer has of HTTP/1.1 alone is left out |
/// | `close(mode: .output)`, `close` | END_STREAM behind a whole answer; RST_STREAM for one that was cut |
/// | resetting the socket | ``reset()`` |
/// | the socket's options | ``unsentBytes`` |
///
/// Belongs to the connection's event loop.
package final class StreamTranslator: ChannelDuplexHandler {
    package typealias InboundIn = HTTP2Frame.FramePayload
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = HTTP2Frame.FramePayload

    private enum State {
        /// The request's head isn't here.
        case beginning
        /// The request goes on, or is answered.
        case open(RequestBody)
        /// The answer is whole and nothing more of the request is wanted, as soon as the client has been sent it all.
        case finishing
        /// RST_STREAM is sent.
        case reset
        case closed
    }

    private var state = State.beginning
    /// Whether what serves it knows of it.
    private var isKnown = false
    /// Whether that has been given its head.
    private var isPassedOn = false
    private var id = HTTP2StreamID.rootStream
    private var answer = Answer(isForHead: false)
    /// A part of an answer's head.
    private var partOfHead: ByteBuffer?
    /// The weight of frames that are written and have not gone to the connection.
    private var unsent = 0
    /// To be kept when there are none.
    private var whenSent: EventLoopPromise<Void>?
    private let connection: HTTP2Connection
    private var context: ChannelHandlerContext?

    init(of connection: HTTP2Connection) {
        self.connection = connection
    }

    // MARK: - What is asked from behind

    /// Ends the stream in a way that can't be taken for the end of an answer.
    package func reset() {
        // RFC 9113 8.7: nothing of it was looked at, and the client may ask again.
        endStream(isPassedOn ? .internalError : .refusedStream)
    }

    /// What the client has yet to take, in bytes: because its window is closed, or because it doesn't read.
    package var unsentBytes: Int {
        guard let parent = context?.channel.parent, !parent.isWritable else { return unsent }
        return unsent + connection.unsentBytes
    }

    /// The connection's.
    package var connectionChannel: (any Channel)? { connection.channel }

    // MARK: - The request

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        whenSent.take()?.fail(ChannelError.ioOnClosedChannel)
    }

    /// Passed on with the request's head.
    package func channelActive(context: ChannelHandlerContext) {
        id = (try? context.channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID)) ?? .rootStream
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            switch unwrapInboundIn(data) {
            case .headers(let headers): try receive(headers, context)
            case .data(let data): try receive(data, context)
            default: break
            }
        } catch {
            endStream(.protocolError)
        }
    }

    private func receive(_ headers: HTTP2Frame.FramePayload.Headers, _ context: ChannelHandlerContext) throws {
        switch state {
        case .beginning:
            var fields = RequestFields()
            for (name, value, _) in headers.headers { try fields.add(name, value) }
            let (bytes, body) = try fields.head(endsStream: headers.endStream)
            connection.opened(id, self)
            answer = Answer(isForHead: fields.isHead)
            state = .open(body)
            isKnown = true
            context.fireChannelActive()
            guard case .open = state else { return }
            isPassedOn = true
            pass(ByteBuffer(bytes: bytes), context)
        case .open(var body):
            let fields = headers.headers.lazy.map { (name: $0.name, value: $0.value) }
            let end = try body.end(with: fields, endsStream: headers.endStream)
            state = .open(body)
            if !end.isEmpty { pass(ByteBuffer(bytes: end), context) }
        case .finishing, .reset, .closed:
            break
        }
    }

    private func receive(_ data: HTTP2Frame.FramePayload.Data, _ context: ChannelHandlerContext) throws {
        guard case .open(var body) = state, case .byteBuffer(let bytes) = data.data else { return }
        try body.take(bytes.readableBytes, endsStream: data.endStream)
        state = .open(body)
        guard body.framing == .chunked else { return pass(bytes, context) }
        if bytes.readableBytes > 0 {
            pass(ByteBuffer(string: RequestBody.chunkStart(bytes.readableBytes)), context)
            pass(bytes, context)
            pass(ByteBuffer(string: "\r\n"), context)
        }
        if data.endStream { pass(ByteBuffer(string: RequestBody.lastChunk), context) }
    }

    /// Whatever was passed before may have ended the stream.
    private func pass(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .open = state, bytes.readableBytes > 0 else { return }
        context.fireChannelRead(wrapInboundOut(bytes))
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {}

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The client has reset it, or we have.
        if error is NIOHTTP2Errors.StreamClosed { return }
        endStream(.internalError)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        connection.closed(id)
        whenSent.take()?.fail(ChannelError.ioOnClosedChannel)
        if isKnown { context.fireChannelInactive() }
    }

    /// NIO says that a stream may be written to again while it is about to write a frame of it: what is written in return would come
    /// before that frame.
    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard isKnown else { return }
        guard context.channel.isWritable else { return context.fireChannelWritabilityChanged() }
        context.eventLoop.assumeIsolated().execute { [self] in
            self.context?.fireChannelWritabilityChanged()
        }
    }

    // MARK: - The answer

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .open = state else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        var bytes = unwrapOutboundIn(data)
        if var part = partOfHead.take() {
            part.writeBuffer(&bytes)
            bytes = part
        }
        do {
            try translate(&bytes, context)
        } catch {
            promise?.fail(error)
            return endStream(.internalError)
        }
        if let promise { keep(promise) }
    }

    private func translate(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) throws {
        while bytes.readableBytes > 0 {
            switch try answer.next(bytes.readableBytesUInt8Span) {
            case .needMore:
                partOfHead = bytes
                return
            case .head(let length, _, let endsStream):
                var headers = HPACKHeaders([(":status", "\(answer.status)")])
                answer.forEachField(in: bytes.readableBytesUInt8Span) { headers.add(name: $0, value: $1) }
                bytes.moveReaderIndex(forwardBy: length)
                write(headers, endsStream: endsStream, context)
            case .data(let range, let endsStream):
                guard let payload = bytes.viewSlice(range) else { return }
                bytes.moveReaderIndex(forwardBy: range.upperBound)
                write(payload, endsStream: endsStream, context)
            case .framing(let count):
                bytes.moveReaderIndex(forwardBy: count)
            case .end(let count, let hasTrailers):
                bytes.moveReaderIndex(forwardBy: count)
                if hasTrailers {
                    var trailers = HPACKHeaders()
                    answer.forEachTrailer { trailers.add(name: $0, value: $1) }
                    write(trailers, endsStream: true, context)
                } else {
                    write(ByteBuffer(), endsStream: true, context)
                }
            case .excess:
                throw MoreThanAnswer()
            }
        }
    }

    private struct MoreThanAnswer: Error {}

    private func write(_ headers: HPACKHeaders, endsStream: Bool, _ context: ChannelHandlerContext) {
        unsent += Self.weightOfHeaders
        let payload = HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: endsStream))
        context.write(wrapOutboundOut(payload), promise: nil)
    }

    private func write(_ bytes: ByteBuffer, endsStream: Bool, _ context: ChannelHandlerContext) {
        let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(bytes), endStream: endsStream)
        unsent += Self.weight(of: data)
        context.write(wrapOutboundOut(.data(data)), promise: nil)
    }

    package func flush(context: ChannelHandlerContext) {
        context.flush()
        if unsent == 0 { sentAll() }
    }

    // MARK: - What has gone out

    static let weightOfHeaders = 1

    /// Pieces of a frame weigh as much as the frame; one without payload weighs something, too.
    static func weight(of data: HTTP2Frame.FramePayload.Data) -> Int {
        max(1, data.data.readableBytes)
    }

    private func keep(_ promise: EventLoopPromise<Void>) {
        guard unsent > 0 else { return promise.succeed() }
        if let whenSent { return whenSent.futureResult.cascade(to: promise) }
        whenSent = promise
    }

    /// Called in the middle of NIO's work on a frame: nothing may be written now.
    func wrote(_ weight: Int) {
        unsent -= weight
        guard unsent == 0, let context else { return }
        switch state {
        case .finishing: break
        case .beginning, .open, .reset, .closed: if whenSent == nil { return }
        }
        context.eventLoop.assumeIsolated().execute { [self] in
            if unsent == 0 { sentAll() }
        }
    }

    private func sentAll() {
        whenSent.take()?.succeed()
        if case .finishing = state { endStream(.noError) }
    }

    // MARK: - The end

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        defer { promise?.succeed() }
        guard case .open(let body) = state, mode != .input else {
            // What still waits for its client has waited long enough.
            if case .finishing = state, mode == .all { endStream(.internalError) }
            return
        }
        switch answer.end() {
        case .cut:
            reset()
        case .ends:
            write(ByteBuffer(), endsStream: true, context)
            finish(body, context)
        case .ended:
            if mode == .all, unsent > 0 { return endStream(.internalError) }
            finish(body, context)
        }
    }

    /// The answer is whole.
    private func finish(_ body: RequestBody, _ context: ChannelHandlerContext) {
        if body.isComplete { return flush(context: context) }
        // RFC 9113 8.1: the rest of the request isn't wanted, and the client isn't to take it for a failure.
        state = .finishing
        flush(context: context)
    }

    private func endStream(_ code: HTTP2ErrorCode) {
        switch state {
        case .beginning, .open, .finishing: break
        case .reset, .closed: return
        }
        state = .reset
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
    }
}

extension ByteBuffer {
    /// A part of it, given relative to its readable bytes.
    fileprivate func viewSlice(_ range: Range<Int>) -> ByteBuffer? {
        getSlice(at: readerIndex + range.lowerBound, length: range.count)
    }
}
