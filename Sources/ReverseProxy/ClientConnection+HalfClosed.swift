import HTTPFraming
import NIOCore
import ProxyExchange
import Scheduling

// The client has shut its sending side, and may be gone. The system of one that is resets the connection when more is sent to
// it: so something is sent that means nothing to one that waits for its answer.

extension ClientConnection {
    func inputEnded() {
        switch link.inputEnds(at: Instant(loop.sweptAt)) {
        case .nothing: break
        case .close: close()
        case .closeUnlessUnsent: if !hasUnsentBytes { close() }
        case .answerWhatIsThere: endAfterLastRequest()
        case .probe: if !probe() { close() }
        }
    }

    /// Closes behind the last answer, when what is left of what the client sent is no whole request.
    func endAfterLastRequest() {
        switch link.closeBehindLast(isWritable: isWritable) {
        case .close: close()
        case .closeWhenWritten: closeWhenWritten(.close)
        case nil: break
        }
    }

    /// Whether a client that has shut its sending side hasn't even acknowledged what was sent to it since: it has vanished
    /// behind something that says nothing for it. Or nothing can be sent to find out: an answer in which no comment fits has
    /// stopped. A slot isn't kept for the few who wait for the rest of one.
    func hasVanished(at now: NIODeadline) -> Bool {
        guard link.isUnheard(at: Instant(now), for: Self.longestAcknowledgement) else { return false }
        if let upstream = relayed {
            return isWritable && !upstream.relay.takesComment
                && now - upstream.heardAt >= TimeAmount(Self.longestAcknowledgement)
        }
        return unacknowledgedBytes > 0
    }

    /// Some round trips of the longest ways there are, and what gets lost on them.
    private static let longestAcknowledgement = Duration.seconds(5)

    /// - Returns: false if there is nothing that could be sent before an answer: HTTP/1.0 knows no interim ones.
    private func probe() -> Bool {
        if let upstream = relayed {
            // Where no comment fits, the next piece of the answer tells.
            if upstream.relay.takesComment { writeComment(inChunk: upstream.relay.clientFraming == .chunked) }
            return true
        }
        if request.hasOwnStart {
            writeComment(inChunk: !decodesChunks)
            return true
        }
        guard request.version == .http11 else { return false }
        // RFC 9110 15.2.1: who didn't ask for it discards it; other interim answers are less widely known.
        write(ByteBuffer(staticString: Self.continueHead))
        return true
    }
}
