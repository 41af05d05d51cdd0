import HTTPFraming
import LlamaServer
import NIOCore

extension UpstreamConnection {
    enum Verdict {
        /// Nothing can be said before the rest of the body is there.
        case open
        /// It is an answer like any other.
        case answer
        /// The request goes elsewhere.
        case elsewhere(Unavailability)
    }

    /// What a 503 means for a request that needs a slot. `head` has been read, and its bytes are still at the front of
    /// what was received.
    func judgeUnavailable(for client: ClientConnection) -> Verdict {
        if client.isForOneServer { return .answer }
        let body = receivedBody
        if case .length(let length) = head.body, body.count < min(length, Self.longestExplanation) { return .open }
        let reason = Unavailability(body: Array(body.prefix(Int(Self.longestExplanation))))
        guard reason != .loading, !client.mayGoElsewhere else { return .elsewhere(reason) }
        return .answer
    }

    private var receivedBody: ByteBufferView {
        received.bytes.readableBytesView.dropFirst(head.length)
    }

    /// In bytes. An explanation whose end isn't known beforehand is judged by what came with the head.
    private static let longestExplanation: Int64 = 16 << 10
}
