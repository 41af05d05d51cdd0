import ExtProcMessages
import NIOCore
import NIOHPACK
import NIOHTTP2
import PickRules

/// A stream of a picker's connection until it is known what is called on it; health is told here.
///
/// Belongs to the connection's event loop.
final class PickerStream<Server: PickServer>: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum State {
        case awaitingHead
        case checking(GRPCMessages)
        case ended
    }

    private var state = State.awaitingHead
    private var output = GRPCOutput()
    private let connection: PickerConnection<Server>

    init(of connection: PickerConnection<Server>) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.headers(let headers), .awaitingHead):
            // A call without a message asks for nothing.
            if headers.endStream { return end(.invalidArgument, "there is no message in this call", context) }
            begin(headers.headers, context)
        case (.data(let data), .checking(var messages)):
            guard case .byteBuffer(let bytes) = data.data else { return }
            messages.append(bytes)
            state = .checking(messages)
            check(isLast: data.endStream, context)
        default: break
        }
    }

    private func begin(_ headers: HPACKHeaders, _ context: ChannelHandlerContext) {
        guard headers.first(name: "content-type")?.hasPrefix("application/grpc") == true else {
            return end(.invalidArgument, "this is the endpoint picker, which speaks gRPC alone", context)
        }
        switch headers.first(name: ":path") {
        case "/\(PickerService.name)/Process":
            becomePick(comesAgain: headers.first(name: PickStart.comesAgainField) != nil, context)
        case "/grpc.health.v1.Health/Check": state = .checking(GRPCMessages(limit: PickerService.longestName))
        default: end(.unimplemented, "there is no such method here", context)
        }
    }

    private func becomePick(comesAgain: Bool, _ context: ChannelHandlerContext) {
        state = .ended
        let pick = PickStream<Server>(of: connection, comesAgain: comesAgain)
        do {
            try context.pipeline.syncOperations.addHandler(pick, position: .after(self))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    private func check(isLast: Bool, _ context: ChannelHandlerContext) {
        guard case .checking(var messages) = state else { return }
        do {
            guard let request = try messages.next() else {
                if isLast { end(.invalidArgument, "this is no health check", context) }
                return
            }
            let service = try HealthMessages.service(in: request)
            guard PickerService.isKnown(service) else {
                return end(.notFound, "there is no such service here", context)
            }
            output.write(HealthMessages.response(isServing: connection.isServing), to: context)
            end(.ok, "", context)
        } catch {
            end(.invalidArgument, "this is no health check", context)
        }
    }

    private func end(_ status: GRPCStatus, _ message: String, _ context: ChannelHandlerContext) {
        state = .ended
        output.end(status, message, to: context)
    }
}
