import HTTP2Front
package import NIOCore
package import NIOHTTP2
package import PickRules

/// A connection on which an Envoy asks, by gRPC over HTTP/2: what is about all its streams together.
///
/// Who connects here is an Envoy, which is believed what it says of its clients: limits are there against what is broken, not
/// against what is hostile. Belongs to the connection's event loop.
package final class PickerConnection<Server: PickServer>: ChannelInboundHandler {
    package typealias InboundIn = HTTP2Frame
    package typealias OutboundOut = HTTP2Frame

    private enum State {
        case serving
        /// Its Envoy was told to open no more streams here. Those that it opens until it has heard that are served, too.
        case announced(since: NIODeadline)
        /// It has heard, and was told which was the last.
        case leaving
        case closed
    }

    /// A request whose next attempt has come.
    struct Awaited {
        let server: Server
        let resume: () -> Void
    }

    /// How a picker's connection finds what serves requests.
    package struct Host {
        /// In bytes: Envoy may tell a whole one in one message.
        let longestBody: Int
        let isServing: () -> Bool
        /// Makes what serves a request.
        let serve: (PickStream<Server>) -> Server
        /// - Returns: what has waited for this attempt; nil: nothing has.
        let takeAwaited: (PickStart) -> Server?
        /// It goes on on this stream.
        let resume: (Server, PickStream<Server>) -> Void
        let opened: (PickerConnection) -> Void
        let closed: (PickerConnection) -> Void

        package init(
            longestBody: Int,
            isServing: @escaping () -> Bool,
            serve: @escaping (PickStream<Server>) -> Server,
            takeAwaited: @escaping (PickStart) -> Server?,
            resume: @escaping (Server, PickStream<Server>) -> Void,
            opened: @escaping (PickerConnection) -> Void,
            closed: @escaping (PickerConnection) -> Void
        ) {
            self.longestBody = longestBody
            self.isServing = isServing
            self.serve = serve
            self.takeAwaited = takeAwaited
            self.resume = resume
            self.opened = opened
            self.closed = closed
        }
    }

    private let host: Host
    private var state = State.serving
    private var streams = 0
    private var lastStream = HTTP2StreamID.rootStream
    private var context: ChannelHandlerContext?
    /// In front of HTTP/2.
    private var bytes: ChannelHandlerContext?
    /// When its Envoy was last asked whether it is still there; nil: it has said so since.
    private var askedAt: NIODeadline?
    private var lastAsked = NIODeadline.uptimeNanoseconds(0)

    /// How long an Envoy may say nothing. One that is gone without a word holds slots and places in the queue.
    private static var silence: TimeAmount { .seconds(15) }
    /// For an Envoy to hear that it is to go.
    private static var echo: TimeAmount { .seconds(5) }

    private init(_ host: Host) {
        self.host = host
    }

    /// Has what follows on a connection be gRPC. On its event loop; adds to the end of its pipeline.
    package static func begin(on channel: any Channel, _ host: Host) throws {
        let connection = PickerConnection(host)
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let http2 = NIOHTTP2Handler(
            mode: .server,
            eventLoop: channel.eventLoop,
            connectionConfiguration: PickerLimits.connection,
            streamConfiguration: PickerLimits.stream,
            streamDelegate: StreamCount(bound)
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(PickerStream(of: bound.value))
            }
        }
        try channel.pipeline.syncOperations.addHandlers([http2, connection])
        connection.bytes = try channel.pipeline.syncOperations.context(handler: http2)
    }

    // MARK: - What its streams ask for

    var longestMessage: Int { host.longestBody + PickerLimits.longestHead }

    var isServing: Bool {
        if case .serving = state { host.isServing() } else { false }
    }

    func serve(_ stream: PickStream<Server>) -> Server { host.serve(stream) }

    func takeAwaited(_ start: PickStart, _ stream: PickStream<Server>) -> Awaited? {
        guard start.isAgain, let server = host.takeAwaited(start) else { return nil }
        return Awaited(server: server) { [host] in host.resume(server, stream) }
    }

    /// The Envoy's address.
    package var remoteAddress: SocketAddress? { context?.remoteAddress }

    // MARK: - Its life

    /// No more streams are wanted here: an Envoy opens another connection for them. Ends when there are none left.
    package func leave() {
        guard case .serving = state else { return }
        state = .announced(since: .now())
        bytes?.writeAndFlush(NIOAny(EndAnnouncement.frames), promise: nil)
    }

    /// Its Envoy has heard that it is to go.
    private func heard() {
        guard case .announced = state, let context else { return }
        state = .leaving
        write(.goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil), context)
        if streams == 0 { end() }
    }

    /// Whether its Envoy may be about to ask for something, since it hasn't heard yet that it is to go.
    package var mayAsk: Bool {
        if case .announced = state { true } else { false }
    }

    /// Ends now.
    package func end() {
        context?.close(promise: nil)
    }

    package func timePassed(at now: NIODeadline) {
        if case .announced(let start) = state, now - start >= Self.echo { heard() }
        if let askedAt {
            if now - askedAt >= Self.silence { end() }
        } else if now - lastAsked >= Self.silence, let context {
            lastAsked = now
            askedAt = now
            write(.ping(HTTP2PingData(), ack: false), context)
        }
    }

    private func write(_ payload: HTTP2Frame.FramePayload, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
    }

    fileprivate func opened(_ stream: HTTP2StreamID) {
        streams += 1
        lastStream = max(lastStream, stream)
    }

    fileprivate func closedStream() {
        streams -= 1
        if streams == 0, case .leaving = state { end() }
    }

    // MARK: - What NIO tells us

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin() }
    }

    package func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    private func begin() {
        lastAsked = .now()
        host.opened(self)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .ping(let data, ack: true) = unwrapInboundIn(data).payload else { return }
        askedAt = nil
        if EndAnnouncement.isEcho(data) { heard() }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        closed()
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        closed()
        self.context = nil
        bytes = nil
    }

    private func closed() {
        if case .closed = state { return }
        state = .closed
        host.closed(self)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Of those its Envoy has been told: of errors of streams on these, of others by a GOAWAY, at which it closes.
        guard error is any NIOHTTP2Error || error is NIOHTTP2Errors.StreamError else {
            return context.close(promise: nil)
        }
    }
}

/// Tells a connection how many streams it has.
private struct StreamCount<Server: PickServer>: NIOHTTP2StreamDelegate {
    private let connection: NIOLoopBound<PickerConnection<Server>>

    init(_ connection: NIOLoopBound<PickerConnection<Server>>) {
        self.connection = connection
    }

    func streamCreated(_ id: HTTP2StreamID, channel: any Channel) {
        connection.value.opened(id)
    }

    func streamClosed(_ id: HTTP2StreamID, channel: any Channel) {
        connection.value.closedStream()
    }
}
