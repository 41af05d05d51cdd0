// Hot path: `write` and `flush` run for every relayed chunk.

import EndpointPicking
import HTTP2Front
import NIOCore
import TransportSecurity

/// What carries a ``ClientConnection``.
enum ClientTransport {
    /// It isn't there yet, or has gone.
    case none
    case socket(ChannelHandlerContext)
    /// One of several on an HTTP/2 connection.
    case stream(HTTP2Stream<ClientConnection>)
    /// An Envoy carries it, and asks where it goes.
    case pick(PickStream<ClientConnection>)
    /// The same between two attempts: what was written meanwhile is kept for the stream of the next one.
    case awaited(KeptAnswer)

    var isThere: Bool {
        switch self {
        case .none: false
        case .socket, .stream, .pick, .awaited: true
        }
    }

    /// Whether the client reads as fast as it is written to. Kept by who asks often: of a socket it costs an atomic load through
    /// an existential.
    var isWritable: Bool {
        switch self {
        case .none, .pick, .awaited: true
        case .socket(let context): context.channel.isWritable
        case .stream(let stream): stream.isWritable
        }
    }

    /// What the client has yet to take of what was written, in bytes; nil when that is all lost.
    var unsentBytes: Int? {
        switch self {
        case .none: nil
        case .pick, .awaited: 0
        case .socket(let context): context.unsentBytes
        case .stream(let stream): stream.unsentBytes
        }
    }

    /// How much of what the system has taken the client hasn't, in bytes. A call of the system.
    var unacknowledgedBytes: Int {
        switch self {
        case .none, .pick, .awaited: 0
        case .socket(let context): context.unacknowledgedBytes
        case .stream(let stream): stream.connectionChannel?.unacknowledgedBytes ?? 0
        }
    }

    /// What has come of the request in a form that can't be used yet, in bytes.
    var unfinishedBytes: Int {
        if case .pick(let stream) = self { stream.unfinishedBytes } else { 0 }
    }

    func write(_ bytes: ByteBuffer) {
        switch self {
        case .none: break
        case .socket(let context): context.write(NIOAny(bytes), promise: nil)
        case .stream(let stream): stream.write(bytes)
        case .pick(let stream): stream.write(bytes)
        case .awaited(let answer): answer.bytes.writeImmutableBuffer(bytes)
        }
    }

    func flush() {
        switch self {
        case .none, .pick, .awaited: break
        case .socket(let context): context.flush()
        case .stream(let stream): stream.flush()
        }
    }

    /// Has the client go on sending.
    func read() {
        switch self {
        case .none, .pick, .awaited: break
        case .socket(let context): context.read()
        case .stream(let stream): stream.read()
        }
    }

    /// - Parameter body: is called when all that was written has gone out, or never will.
    func whenWritten(_ body: @escaping () -> Void) {
        switch self {
        case .none: break
        case .socket(let context):
            context.writeAndFlush(NIOAny(ByteBuffer())).assumeIsolated().whenComplete { _ in body() }
        case .stream(let stream): stream.whenSent(body)
        case .pick, .awaited: body()
        }
    }

    func shutOutput() {
        switch self {
        case .none: break
        case .socket(let context): context.close(mode: .output, promise: nil)
        case .stream(let stream): stream.shutOutput()
        case .pick(let stream): stream.close()
        case .awaited: break
        }
    }

    func close() {
        switch self {
        case .none: break
        case .socket(let context): context.close(promise: nil)
        case .stream(let stream): stream.close()
        case .pick(let stream): stream.close()
        // The stream of the next attempt closes it, or nobody comes.
        case .awaited: break
        }
    }

    /// Closes in a way that can't be taken for the end of an answer.
    ///
    /// - Parameter front: of a socket's TLS, if it has some.
    func reset(_ front: TLSFront?) {
        switch self {
        case .none: break
        case .socket(let context):
            context.channel.lingerForNoTime()
            // The goodbye of TLS would say that all is well.
            if let front { front.cutOff() } else { context.close(promise: nil) }
        case .stream(let stream): stream.reset()
        case .pick(let stream): stream.reset()
        case .awaited: break
        }
    }
}
