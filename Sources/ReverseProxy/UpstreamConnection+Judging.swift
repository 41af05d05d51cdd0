import HTTPFraming
import LlamaServer
import NIOCore
import ProxyExchange

extension UpstreamConnection {
    enum Verdict {
        /// Nothing can be said before the rest of the body is there.
        case open
        /// It is an answer like any other.
        case answer
        /// The request goes elsewhere.
        case elsewhere(NotExecuted)
    }

    /// What an answer means for a request that needs a slot: a server that has executed nothing leaves it to others. `head`
    /// has been read, and its bytes are still at the front of what was received.
    func judge(for client: ClientConnection) -> Verdict {
        switch head.status {
        case 503 where client.exchange.mayGoElsewhere, 400 where client.mayFindRoom: break
        default: return .answer
        }
        let body = receivedBody
        if case .length(let length) = head.body, body.count < min(length, Self.longestExplanation) { return .open }
        let explanation = Array(body.prefix(Int(Self.longestExplanation)))
        guard head.status == 503 else {
            let tokens = (try? ErrorReply(json: explanation))?.tokensWithoutRoom
            return tokens.map { .elsewhere(.withoutRoom(tokens: $0)) } ?? .answer
        }
        let reason = Unavailability(body: explanation)
        return reason == .loading || client.exchange.mayBeRefusedAgain ? .elsewhere(.unavailable(reason)) : .answer
    }

    private var receivedBody: ByteBufferView {
        received.bytes.readableBytesView.dropFirst(head.length)
    }

    /// In bytes. An explanation whose end isn't known beforehand is judged by what came with the head.
    private static let longestExplanation: Int64 = 16 << 10
}
