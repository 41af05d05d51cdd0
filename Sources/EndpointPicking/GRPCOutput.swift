import ExtProcMessages
import NIOCore
import NIOHPACK
import NIOHTTP2

/// What goes out on one stream of gRPC: a head, messages, and a status as trailers.
///
/// Belongs to the connection's event loop.
struct GRPCOutput {
    private enum State {
        case nothing, messages, ended
    }

    private var state = State.nothing
    private static let head: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]

    var hasEnded: Bool { state == .ended }

    mutating func write(_ message: ByteBuffer, to context: ChannelHandlerContext) {
        if state == .ended { return }
        if state == .nothing { write(.headers(.init(headers: Self.head)), to: context) }
        state = .messages
        write(.data(.init(data: .byteBuffer(GRPCMessages.framed(message)))), to: context)
    }

    /// - Parameter message: why, in plain ASCII; empty: nothing is wrong.
    mutating func end(_ status: GRPCStatus, _ message: String = "", to context: ChannelHandlerContext) {
        guard state != .ended else { return }
        var trailers: HPACKHeaders = state == .nothing ? Self.head : [:]
        state = .ended
        trailers.add(name: "grpc-status", value: String(status.rawValue))
        if !message.isEmpty { trailers.add(name: "grpc-message", value: message) }
        write(.headers(.init(headers: trailers, endStream: true)), to: context)
        context.flush()
    }

    private func write(_ payload: HTTP2Frame.FramePayload, to context: ChannelHandlerContext) {
        context.write(NIOAny(payload), promise: nil)
    }
}
