import AccessControl
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import TransportSecurity

/// Hummingbird's HTTP/1.1, for connections that have a place.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let connections: ManagementConnections
    /// nil: it speaks plain HTTP.
    let certificates: ListenerCertificates?
    let log: AccessLog
    let inner: HTTP1Channel

    init(
        connections: ManagementConnections,
        certificates: ListenerCertificates?,
        log: AccessLog,
        idleLimit: TimeAmount,
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        self.connections = connections
        self.certificates = certificates
        self.log = log
        inner = HTTP1Channel(
            responder: responder,
            configuration: .init(
                additionalChannelHandlers: [RequestPhaseHandler(connections: connections)],
                idleTimeout: idleLimit
            )
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        secured(channel, logger).flatMap { inner.setup(channel: channel, logger: logger) }.always { _ in
            // Not before: a listener whose connections can't be set up stops listening.
            connections.arrived(channel)
        }
    }

    /// A channel keeps the buffer of its last read: agents say some hundred bytes at a time.
    private static let firstReads = AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 65_536)

    private func secured(_ channel: any Channel, _ logger: Logger) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.syncOptions?.setOption(.recvAllocator, value: Self.firstReads)
            guard let certificates else {
                let front = PlainFront { [log] in log.refusedTLS(from: IPAddress(of: channel)) }
                return try channel.pipeline.syncOperations.addHandler(front)
            }
            try certificates.secure(channel, limit: RequestPhaseHandler.headLimit) { [log, connections] end in
                switch end {
                case .completed(let certificate):
                    if let certificate { connections.identified(channel, by: certificate) }
                case .certificateRefused(let reason):
                    log.refusedCertificate(reason, from: IPAddress(of: channel))
                case .failed(let reason):
                    logger.debug("TLS handshake failed", metadata: ["reason": "\(reason)"])
                case .plainRequest, .timedOut: break
                }
            }
        }
    }

    func handle(value: Value, logger: Logger) async {
        await inner.handle(value: value, logger: logger)
    }
}

/// Tells when a connection asks and when it has been answered, and ends it when its first head doesn't come in time.
final class RequestPhaseHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// From the connection's beginning; then ``ManagementServer/idleLimit`` counts.
    static let headLimit: TimeAmount = .seconds(10)

    private let connections: ManagementConnections
    private var deadline: Scheduled<Void>?

    init(connections: ManagementConnections) {
        self.connections = connections
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: Self.headLimit) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) {
            deadline?.cancel()
            deadline = nil
            connections.asks(context.channel)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { connections.answered(context.channel) }
        context.write(data, promise: promise)
    }
}
