import FleetMetrics
import HTTPFraming
import LlamaServer
import Logging
import NIOCore
import Scheduling

extension ClientConnection {
    // MARK: - An upstream's answer

    /// The head as the client gets it. The request's message is let go: from here on it is never sent again.
    ///
    /// - Parameter source: its readable bytes begin with the head.
    func beginAnswer(_ head: borrowing ResponseHead, from source: ByteBuffer) -> ByteBuffer {
        guard case .awaitingAnswer(let target, let upstream) = state else { return ByteBuffer() }
        state = .relaying(target, upstream)
        releaseMessage()

        if endsWithConnection(head.body) || loop.isDraining { request?.keepsAlive = false }

        // Room for a small body behind it, so that head and body are one write.
        var buffer = ByteBufferAllocator().buffer(capacity: source.readableBytes + 192)
        buffer.writeStaticString("HTTP/1.1")
        buffer.write(source, head.statusLine.lowerBound + 8..<head.statusLine.upperBound)
        var dropped = decodesChunks ? Self.droppedForHTTP10 : Self.dropped
        // RFC 9110 8.6 and RFC 9112 6.1 forbid them there: a client that believes them waits for a body.
        if head.status == 204 { dropped.formUnion(.framing) }
        head.forEachKeptRange(dropping: dropped) { buffer.write(source, $0) }
        writeCommonFields(into: &buffer)
        if request?.isTraced == true { buffer.writeString("X-Paddler-Upstream: \(target.route.address)\r\n") }
        buffer.writeStaticString("\r\n")
        return buffer
    }

    private static let dropped: FieldSet = [.hopByHop, .requestID]
    private static let droppedForHTTP10: FieldSet = [.hopByHop, .requestID, .transferEncoding, .trailer]

    /// Whether payloads have to be taken out of their chunks, which HTTP/1.0 doesn't know.
    var decodesChunks: Bool { request?.version == .http10 }

    /// Whether the client knows the end of a body by nothing else.
    private func endsWithConnection(_ body: BodyFraming) -> Bool {
        switch body {
        case .none, .length: false
        case .chunked: decodesChunks
        case .untilClose: true
        }
    }

    private func writeCommonFields(into buffer: inout ByteBuffer) {
        guard let request else { return }
        buffer.writeStaticString("X-Request-Id: ")
        request.identifier.write(into: &buffer)
        if !request.keepsAlive {
            buffer.writeStaticString("\r\nConnection: close")
        } else if request.version == .http10 {
            buffer.writeStaticString("\r\nConnection: keep-alive")
        }
        buffer.writeStaticString("\r\n")
    }

    private func releaseMessage() {
        guard let held = request?.heldBytes else { return }
        request?.message = RequestMessage()
        request?.heldBytes = 0
        loop.budget.release(held)
    }

    /// The last byte of the answer is written.
    func endAnswer() {
        guard case .relaying(let target, _) = state else { return }
        giveBack(target, .answered)
        finishRequest()
    }

    /// The answer ended before its end. The client must be able to tell: nothing ends cleanly.
    ///
    /// - Parameters:
    ///   - takesEvent: an event stream was cut between two events, so that one more may be said.
    ///   - framing: of the answer as it came.
    func answerCut(takesEvent: Bool, framing: BodyFraming) {
        guard case .relaying(let target, _) = state else { return }
        loop.logger.warning("upstream broke off its answer", metadata: metadata(target))
        giveBack(target, .failed)
        var ending = Ending.linger
        if takesEvent, let dialect = request?.dialect {
            let event = ErrorBody.answerCut.inBandError(dialect)
            writeEvent(event, inChunk: framing == .chunked && !decodesChunks)
        } else if endsWithConnection(framing) {
            ending = .reset
        }
        endRequest()
        closeWhenWritten(ending)
    }

    private func writeEvent(_ event: [UInt8], inChunk: Bool) {
        var buffer = ByteBuffer()
        if inChunk {
            buffer.writeString(String(event.count, radix: 16))
            buffer.writeStaticString("\r\n")
        }
        buffer.writeBytes(event)
        if inChunk { buffer.writeStaticString("\r\n") }
        write(buffer)
    }

    // MARK: - Answers of our own

    /// - Parameter unread: a part of the request was not read, and won't be.
    func answer(_ answer: LocalAnswer, unread: Bool = false) {
        switch state {
        case .awaitingAnswer(let target, let upstream):
            upstream.abandon()
            giveBack(target, .failed)
        case .connecting(let target, _):
            giveBack(target, .failed)
        case .readingHead, .readingBody, .submitting, .queued, .relaying, .closing, .lingering, .closed:
            break
        }
        guard let request else { return }
        loop.metrics.ownAnswers[answer.status, default: 0] += 1
        if unread || loop.isDraining { self.request?.keepsAlive = false }
        var buffer = ByteBufferAllocator().buffer(capacity: 512)
        answer.writeHead(into: &buffer)
        writeCommonFields(into: &buffer)
        buffer.writeStaticString("\r\n")
        if request.method != .head { buffer.writeBytes(answer.body) }
        write(buffer)
        finishRequest(unread: unread)
    }

    private func finishRequest(unread: Bool = false) {
        let keepsAlive = request?.keepsAlive == true
        // Who did not ask for the end may be sending the next request.
        let ending: Ending = unread || request?.isLast == false ? .linger : .close
        endRequest()
        guard keepsAlive else { return closeWhenWritten(ending) }
        state = .readingHead
        resumeReading()
        process()
    }
}
