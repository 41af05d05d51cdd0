internal import LlamaServer
package import NIOCore

/// Stands between a client's socket and its TLS: sees to it that the handshake comes to an end in time, answers those who speak
/// without TLS, and closes the connection where nothing more can be said through it.
///
/// Belongs to the connection's event loop.
package final class TLSFront: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Passed on to those behind TLS when a request was answered in front of it.
    package struct AnsweredWithoutTLS {
        /// Of the answer.
        package let bytes: Int
    }

    private enum State {
        /// Nothing has come.
        case silent(deadline: Scheduled<Void>)
        case handshaking(deadline: Scheduled<Void>)
        case secure
        /// It was answered without TLS. What still comes is thrown away, so that a reset doesn't destroy the answer.
        case refused(deadline: Scheduled<Void>)
        case ended
    }

    private var state = State.ended
    private var context: ChannelHandlerContext?
    private let limit: TimeAmount
    private let onEnd: (HandshakeEnd) -> Void

    private static let lingeringTime: TimeAmount = .seconds(5)

    /// - Parameters:
    ///   - limit: for the handshake, from when the connection was accepted.
    ///   - onEnd: is told once what became of it. Not at all of a client that says nothing and goes.
    init(limit: TimeAmount, onEnd: @escaping (HandshakeEnd) -> Void) {
        self.limit = limit
        self.onEnd = onEnd
    }

    /// Closes the connection without the goodbye of TLS: to the client it is cut off.
    package func cutOff() {
        context?.close(promise: nil)
    }

    // MARK: - What NIO tells us

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        state = .silent(deadline: schedule(in: limit, on: context) { $0.isLate() })
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .silent(let deadline):
            let bytes = unwrapInboundIn(data)
            guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
            guard ConnectionStart(first) != .plainHTTP else { return refuse(context) }
            state = .handshaking(deadline: deadline)
            context.fireChannelRead(data)
        case .handshaking, .secure:
            context.fireChannelRead(data)
        case .refused, .ended:
            break
        }
    }

    // MARK: - What TLS tells us

    func completed(_ certificate: ClientCertificate?) {
        guard case .handshaking(let deadline) = state else { return }
        deadline.cancel()
        state = .secure
        context?.channel.acknowledgeAtOnce()
        onEnd(.completed(certificate))
    }

    /// Nothing can be read any more: it would not be told from what somebody in between has made of it.
    func failed(_ end: HandshakeEnd) {
        switch state {
        case .handshaking(let deadline):
            deadline.cancel()
            state = .ended
            onEnd(end)
        case .silent, .secure, .refused, .ended: break
        }
        cutOff()
    }

    // MARK: - Ways to end

    private func refuse(_ context: ChannelHandlerContext) {
        end()
        state = .refused(deadline: schedule(in: Self.lingeringTime, on: context) { $0.cutOff() })
        onEnd(.plainRequest)
        context.fireUserInboundEventTriggered(AnsweredWithoutTLS(bytes: Self.refusal.readableBytes))
        context.writeAndFlush(wrapOutboundOut(Self.refusal), promise: nil)
        context.close(mode: .output, promise: nil)
    }

    private static let refusal = ErrorBody(
        code: 400,
        message: "this port speaks TLS, and the request came without: ask by https:// instead of http://",
        type: "invalid_request_error"
    ).plainRefusal

    private func isLate() {
        guard context != nil else { return }
        state = .ended
        onEnd(.timedOut)
        cutOff()
    }

    private func end() {
        switch state {
        case .silent(let deadline), .handshaking(let deadline), .refused(let deadline): deadline.cancel()
        case .secure, .ended: break
        }
        state = .ended
    }

    private func schedule(
        in time: TimeAmount,
        on context: ChannelHandlerContext,
        _ body: @escaping (TLSFront) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            if let self { body(self) }
        }
    }
}
