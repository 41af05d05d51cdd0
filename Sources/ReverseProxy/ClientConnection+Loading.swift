import LlamaServer
import NIOCore
import ProxyExchange
import Scheduling

// What streamed chats are told while their model is loaded, where the operator wants that.

extension ClientConnection {
    /// Called when a request begins to wait, and twice a second from then on.
    func tellLoading(at now: NIODeadline) {
        guard case .exchanging = link.phase, case .queued(.slot(let ticket)) = exchange.state, isWritable,
            !request.loading.isUntold || mayBeToldOfLoading,
            let load = loop.dispatcher.awaitedLoad(of: ticket, at: Instant(now)),
            let piece = request.loading.next(
                load,
                waited: .nanoseconds((now - request.submittedAt).nanoseconds),
                at: Instant(now)
            )
        else { return }
        if !request.hasOwnStart { beginStream() }
        request.keptAliveAt = now
        writeReasoning(piece, model: load.model)
    }

    private var mayBeToldOfLoading: Bool {
        request.dialect == .openAI && request.message?.asksForStreamedChat() == true
            && (request.hasOwnStart || knowsReader)
    }

    /// What the model says comes next.
    func endLoadingTale() {
        if let piece = request.loading.end() { writeReasoning(piece) }
    }

    /// - Parameter model: what it is, if the request names none.
    private func writeReasoning(_ text: String, model: String? = nil) {
        let submitted = Int64(request.submittedAt.uptimeNanoseconds) + loop.wallClockOffset
        let chunk = ReasoningChunk(
            id: "chatcmpl-\(request.identifier)",
            created: submitted / 1_000_000_000,
            model: request.demand.model ?? model ?? "",
            text: text
        )
        writePayload(ByteBuffer(bytes: chunk.event), inChunk: !decodesChunks)
    }
}
