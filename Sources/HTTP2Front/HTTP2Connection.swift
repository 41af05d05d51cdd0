// Hot path: `wroteFrame` runs for every frame. Nothing here may allocate per frame or wait.

package import NIOCore
import NIOHPACK
package import NIOHTTP2

/// A client's connection that speaks HTTP/2: what is about all its streams together. Each of them is a channel of its own, with
/// a ``StreamTranslator`` in front of what serves HTTP/1.1.
///
/// Belongs to the connection's event loop.
package final class HTTP2Connection: ChannelInboundHandler, NIOHTTP2FrameDelegate {
    package typealias InboundIn = HTTP2Frame

    private var life: ConnectionLife
    private let limits: ConnectionLife.Limits
    private var streams: [HTTP2StreamID: StreamTranslator] = [:]
    /// Whether its client was told that it broke the rules.
    private var isBroken = false
    private let output: ConnectionOutput
    private let onBreak: (String) -> Void
    private var context: ChannelHandlerContext?

    /// For a client to read why its connection ends.
    private static let lingeringTime: TimeAmount = .seconds(1)

    private init(
        _ limits: ConnectionLife.Limits,
        at now: NIODeadline,
        _ output: ConnectionOutput,
        onBreak: @escaping (String) -> Void
    ) {
        life = ConnectionLife(since: now)
        self.limits = limits
        self.output = output
        self.onBreak = onBreak
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
        serve: @escaping (StreamTranslator) -> any ChannelHandler
    ) throws -> HTTP2Connection {
        let output = ConnectionOutput()
        let connection = HTTP2Connection(limits, at: now, output, onBreak: onBreak)
        let bound = NIOLoopBound((connection: connection, serve: serve), eventLoop: channel.eventLoop)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(output)
        // This way alone NIO tells of the frames that it writes. The sequence of streams is nobody's, and keeps none.
        _ = try pipeline.configureAsyncHTTP2Pipeline(
            mode: .server,
            streamDelegate: nil,
            frameDelegate: connection,
            configuration: HTTP2Limits.configuration
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let (connection, serve) = bound.value
                let translator = StreamTranslator(of: connection)
                try stream.pipeline.syncOperations.addHandlers([translator, serve(translator)])
            }
        }
        try pipeline.addHandler(connection)
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
        guard let context else { return }
        let payload = HTTP2Frame.FramePayload.goAway(
            lastStreamID: HTTP2StreamID(stream),
            errorCode: code,
            opaqueData: nil
        )
        let frame = HTTP2Frame(streamID: .rootStream, payload: payload)
        context.writeAndFlush(NIOAny(frame), promise: nil)
    }

    /// When what is being written is.
    private func endSoon() {
        context?.eventLoop.assumeIsolated().execute { [self] in end() }
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

    // MARK: - Streams

    func opened(_ id: HTTP2StreamID, _ stream: StreamTranslator) {
        streams[id] = stream
        life.opened(Int(id))
    }

    func closed(_ id: HTTP2StreamID) {
        guard streams.removeValue(forKey: id) != nil else { return }
        carryOut(life.closed(at: .now()))
    }

    // MARK: - What NIO tells us

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data).payload {
        case .settings(.ack): life.began()
        case .ping(let data, ack: true) where EndAnnouncement.isEcho(data): carryOut(life.echoed())
        default: break
        }
    }

    package func wroteFrame(_ frame: HTTP2Frame) {
        switch frame.payload {
        case .data(let data): streams[frame.streamID]?.wrote(StreamTranslator.weight(of: data))
        case .headers: streams[frame.streamID]?.wrote(StreamTranslator.weightOfHeaders)
        case .goAway(_, let code, _): if code != .noError { isBroken = true }
        default: break
        }
    }

    /// Of errors of single streams their clients have been told.
    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isBroken { return breakOff("\(error)") }
        guard error is any NIOHTTP2Error || error is NIOHTTP2Errors.StreamError else {
            return context.close(promise: nil)
        }
    }
}
