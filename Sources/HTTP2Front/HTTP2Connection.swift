// Hot path: `wroteFrame` runs for every frame. Nothing here may allocate per frame or wait.

package import NIOCore
import NIOHPACK
package import NIOHTTP2

/// A client's connection that speaks HTTP/2: what is about all its streams together. NIO sees to the protocol, and to what a client
/// may do; each stream is an ``HTTP2Stream`` in front of what serves HTTP/1.1.
///
/// Belongs to the connection's event loop.
package final class HTTP2Connection<Server: StreamServer>: ChannelInboundHandler, NIOHTTP2FrameDelegate {
    package typealias InboundIn = HTTP2Frame
    package typealias OutboundOut = HTTP2Frame

    private var life: ConnectionLife
    private let limits: ConnectionLife.Limits
    private var streams: [HTTP2StreamID: HTTP2Stream<Server>] = [:]
    /// Those that may go on writing, and don't know yet.
    private var becomingWritable: [HTTP2Stream<Server>] = []
    /// Whether its client takes what is written as fast as it is.
    private(set) var isWritable = true
    private var malformed = MalformedStreams()
    /// Whether its client was told that it broke the rules.
    private var isBroken = false
    private let output: ConnectionOutput
    private let onBreak: (String) -> Void
    private let serve: (HTTP2Stream<Server>) -> Server
    private var context: ChannelHandlerContext?

    /// For a client to read why its connection ends.
    private static var lingeringTime: TimeAmount { .seconds(1) }

    private init(
        _ limits: ConnectionLife.Limits,
        at now: NIODeadline,
        _ output: ConnectionOutput,
        onBreak: @escaping (String) -> Void,
        serve: @escaping (HTTP2Stream<Server>) -> Server
    ) {
        life = ConnectionLife(since: now)
        self.limits = limits
        self.output = output
        self.onBreak = onBreak
        self.serve = serve
    }

    /// Has what follows on a connection be HTTP/2. On its event loop; adds to the end of its pipeline.
    ///
    /// - Parameters:
    ///   - onBreak: is told once, in words, if it ends because its client broke the rules or went beyond a limit.
    ///   - serve: makes what serves HTTP/1.1 behind a stream, for each stream.
    package static func begin(
        on channel: any Channel,
        _ limits: ConnectionLife.Limits,
        at now: NIODeadline,
        onBreak: @escaping (String) -> Void,
        serve: @escaping (HTTP2Stream<Server>) -> Server
    ) throws -> HTTP2Connection {
        let output = ConnectionOutput()
        let connection = HTTP2Connection(limits, at: now, output, onBreak: onBreak, serve: serve)
        let configuration = HTTP2Limits.configuration
        let http2 = NIOHTTP2Handler(
            mode: .server,
            frameDelegate: connection,
            connectionConfiguration: configuration.connection,
            streamConfiguration: configuration.stream
        )
        try channel.pipeline.syncOperations.addHandlers([output, http2, connection])
        connection.windowBecame(HTTP2Limits.initialWindow)
        return connection
    }

    // MARK: - What others see

    /// Whether a client is served, or was until this moment, or has yet to take something.
    package func isBusy(since moment: NIODeadline) -> Bool {
        switch life.stage {
        case .ended: false
        case .beginning, .serving, .endAnnounced, .ending:
            life.streams > 0 || life.idleSince > moment || unsentBytes > 0
        }
    }

    /// What the connection has yet to take of what was written, for all streams.
    package var unsentBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    package var channel: (any Channel)? { context?.channel }

    // MARK: - Its life

    package func timePassed(at now: NIODeadline) {
        carryOut(life.timePassed(at: now, limits))
    }

    /// Ends when what its client has asked for is answered.
    package func leave(at now: NIODeadline) {
        carryOut(life.leave(at: now))
    }

    /// Ends now.
    package func end() {
        output.flushNow()
        context?.close(promise: nil)
    }

    private func carryOut(_ action: ConnectionLife.Action) {
        switch action {
        case .none: break
        case .announceEnd: output.send(EndAnnouncement.frames)
        case .refuse(let stream): sayGoodbye(.noError, after: stream)
        case .refuseAndClose(let stream):
            sayGoodbye(.noError, after: stream)
            end()
        case .close: endSoon()
        case .giveUp:
            sayGoodbye(.settingsTimeout, after: 0)
            breakOff("its client never acknowledged our settings")
        }
    }

    private func sayGoodbye(_ code: HTTP2ErrorCode, after stream: Int) {
        write(.goAway(lastStreamID: HTTP2StreamID(stream), errorCode: code, opaqueData: nil), on: .rootStream)
        flush()
    }

    /// When what is being written is.
    private func endSoon() {
        later { [self] in end() }
    }

    /// What the client has sent meanwhile must not have its system throw away what it was told.
    private func breakOff(_ reason: String) {
        guard let context, !output.isDeaf else { return }
        onBreak(reason)
        output.becomeDeaf()
        output.flushNow()
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingeringTime) { [self] in
            self.context?.close(promise: nil)
        }
    }

    // MARK: - What streams ask for

    func write(_ payload: HTTP2Frame.FramePayload, on stream: HTTP2StreamID) {
        context?.write(wrapOutboundOut(HTTP2Frame(streamID: stream, payload: payload)), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    /// When what NIO is busy with is done.
    func later(_ body: @escaping () -> Void) {
        context?.eventLoop.assumeIsolated().execute(body)
    }

    /// It is told so later: NIO says that there is room when it is about to write a frame, and what is written in return would come
    /// before that.
    func becomesWritable(_ stream: HTTP2Stream<Server>) {
        becomingWritable.append(stream)
        guard becomingWritable.count == 1 else { return }
        later { [self] in
            let streams = becomingWritable
            becomingWritable = []
            for stream in streams { stream.tellIfWritable() }
        }
    }

    // MARK: - What NIO tells us

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        closeStreams()
        self.context = nil
    }

    package func channelInactive(context: ChannelHandlerContext) {
        closeStreams()
        context.fireChannelInactive()
    }

    private func closeStreams() {
        for id in Array(streams.keys) { closed(id) }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .data(let data): streams[frame.streamID]?.receive(data)
        case .headers(let headers):
            if let stream = streams[frame.streamID] {
                stream.receive(headers)
            } else {
                open(frame.streamID, headers)
            }
        case .settings(.ack): life.began()
        case .ping(let data, ack: true) where EndAnnouncement.isEcho(data): carryOut(life.echoed())
        default: break
        }
    }

    private func open(_ id: HTTP2StreamID, _ headers: HTTP2Frame.FramePayload.Headers) {
        do throws(MalformedMessage) {
            var fields = RequestFields()
            for (name, value, _) in headers.headers { try fields.add(name, value) }
            let (head, body) = try fields.head(endsStream: headers.endStream)
            let stream = HTTP2Stream(id, body, isForHead: fields.isHead, of: self)
            streams[id] = stream
            life.opened(Int(id))
            stream.open(serve(stream), head: ByteBuffer(bytes: head))
        } catch {
            write(.rstStream(.protocolError), on: id)
            flush()
            sawMalformedMessage()
        }
    }

    func sawMalformedMessage() {
        guard malformed.add(at: .now()) else { return }
        sayGoodbye(.enhanceYourCalm, after: 0)
        breakOff("its client sent too many malformed requests")
    }

    private func closed(_ id: HTTP2StreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        carryOut(life.closed(at: .now()))
        stream.closed()
    }

    /// NIO's words for what has become of streams and windows. Nobody behind is interested in them.
    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let update = event as? NIOHTTP2WindowUpdatedEvent {
            guard let window = update.inboundWindowSize else { return }
            if update.streamID == .rootStream {
                windowBecame(window)
            } else {
                streams[update.streamID]?.windowBecame(window)
            }
        } else if let closing = event as? StreamClosedEvent {
            closed(closing.streamID)
        }
    }

    /// The client may send so much more on all streams together, in bytes.
    private func windowBecame(_ window: Int) {
        guard let increment = HTTP2Limits.increment(of: window, to: HTTP2Limits.window.connection) else { return }
        write(.windowUpdate(windowSizeIncrement: increment), on: .rootStream)
        flush()
    }

    package func wroteFrame(_ frame: HTTP2Frame) {
        switch frame.payload {
        case .data(let data): streams[frame.streamID]?.sent(StreamOutput.weight(of: data))
        case .headers: streams[frame.streamID]?.sent(StreamOutput.weightOfHeaders)
        case .goAway(_, let code, _): if code != .noError { isBroken = true }
        default: break
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        for stream in Array(streams.values) { stream.connectionBecame(isWritable: isWritable) }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOHTTP2Errors.StreamError { streams[error.streamID]?.failed() }
        if isBroken { return breakOff("\(error)") }
        // Of errors of single streams their clients have been told.
        guard error is any NIOHTTP2Error || error is NIOHTTP2Errors.StreamError else {
            return context.close(promise: nil)
        }
    }
}
