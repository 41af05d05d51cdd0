import LlamaServer
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Answers what a test wants a llama-server to answer.
final class LlamaStub: Sendable {
    private let state: Mutex<State>

    struct State {
        var isLoading = false
        var processing = 0
        var key: String?
        /// As with `--api-prefix`.
        var prefix = ""
        /// Accepts connections and answers none.
        var isHanging = false
        /// Has no answer to `/slots`, and to all else.
        var isLateWithSlots = false
    }

    private init(_ state: State) {
        self.state = Mutex(state)
    }

    static func start(
        _ state: State = State(),
        tls: TLSConfiguration? = nil
    ) async throws -> (LlamaStub, HTTPStub) {
        let llama = LlamaStub(state)
        return (llama, try await HTTPStub.listen(tls: tls) { Handler(llama: llama) })
    }

    func change(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
    }

    fileprivate func answer(to head: HTTPRequestHead) -> (HTTPResponseStatus, String)? {
        let state = state.withLock { $0 }
        if state.isHanging || (state.isLateWithSlots && head.uri == "/slots") { return nil }
        guard head.uri.hasPrefix(state.prefix) else { return (.notFound, "{}") }
        let path = String(head.uri.dropFirst(state.prefix.count))
        if state.isLoading {
            return (
                .serviceUnavailable, #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#
            )
        }
        if path == "/health" { return (.ok, #"{"status":"ok"}"#) }
        if let key = state.key, head.headers.first(name: "authorization") != "Bearer \(key)" {
            return (.unauthorized, "{}")
        }
        switch path {
        case "/props": return (.ok, #"{"total_slots":4,"build_info":"b1"}"#)
        case "/v1/models": return (.ok, #"{"data":[{"id":"tiny"}]}"#)
        case "/slots":
            let slots = (0..<4).map { #"{"is_processing":\#($0 < state.processing)}"# }
            return (.ok, "[\(slots.joined(separator: ","))]")
        default: return (.notFound, "{}")
        }
    }

    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let llama: LlamaStub

        init(llama: LlamaStub) {
            self.llama = llama
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let head) = unwrapInboundIn(data), let (status, body) = llama.answer(to: head) else {
                return
            }
            let headers: HTTPHeaders = ["content-length": "\(body.utf8.count)", "connection": "close"]
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil
            )
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            let channel = context.channel
            context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
