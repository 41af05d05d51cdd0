import FleetMetrics
import HTTPFraming
import LlamaServer
import Logging
import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling

extension ClientConnection {
    // MARK: - An upstream's answer

    /// The head as the client gets it.
    ///
    /// - Parameters:
    ///   - source: its readable bytes begin with the head.
    ///   - framing: in which the client gets the body.
    ///   - prefill: what computing its prompt took, in milliseconds, if that is known already.
    func beginAnswer(
        _ head: borrowing ResponseHead,
        from source: ByteBuffer,
        framing: BodyFraming,
        prefill: Int?
    ) -> ByteBuffer {
        guard let target = beginRelaying() else { return ByteBuffer() }
        if framing == .untilClose || loop.stage != .serving { request.keepsAlive = false }

        var dropped = decodesChunks ? Self.droppedForHTTP10 : Self.dropped
        // RFC 9110 8.6 and RFC 9112 6.1 forbid them there: a client that believes them waits for a body.
        if head.status == 204 { dropped.formUnion(.framing) }
        let choice = choiceLines(target)
        if !choice.isEmpty { dropped.formUnion(Self.choiceFields) }
        let timing = timingLine(prefill: prefill)
        let budget = request.charge == nil ? [] : budgetLines
        let headBytes = head.length + Self.commonFieldsBytes + choice.count + timing.count + budget.count
        // Room for a small body behind it, so that head and body are one write.
        let bodyBytes = source.readableBytes - head.length
        let room = bodyBytes <= UpstreamConnection.smallBody ? bodyBytes : 0
        return ByteBuffer(initialCapacity: headBytes + room) { output in
            let source = source.readableBytesSpan
            output.append("HTTP/1.1")
            output.append(source.extracting(head.statusLine.lowerBound + 8..<head.statusLine.upperBound))
            head.forEachKeptRange(dropping: dropped) { output.append(source.extracting($0)) }
            writeCommonFields(into: &output)
            output.append(choice)
            output.append(timing)
            output.append(budget)
            output.append("\r\n")
        }
    }

    /// A head with a status of 1xx that came before the answer's. RFC 9110 15.2: a proxy passes them on, but for those that
    /// it asked for itself; 100 means a body that this upstream has got already. HTTP/1.0 knows none.
    func passOnInterim(_ head: borrowing ResponseHead, from source: ByteBuffer) {
        guard head.status != 100, request.version == .http11, !request.hasOwnStart else { return }
        write(
            ByteBuffer(initialCapacity: head.length) { output in
                let source = source.readableBytesSpan
                output.append("HTTP/1.1")
                output.append(source.extracting(head.statusLine.lowerBound + 8..<head.statusLine.upperBound))
                head.forEachKeptRange(dropping: Self.droppedFromInterim) { output.append(source.extracting($0)) }
                output.append("\r\n")
            }
        )
    }

    /// The request's message is let go: from here on it is never sent again.
    ///
    /// - Returns: whose answer it is.
    @discardableResult
    func beginRelaying() -> Target? {
        guard let target = exchange.responseBegins() else { return nil }
        releaseMessage()
        return target
    }

    private static let dropped: FieldSet = [.hopByHop, .requestID]
    private static let droppedFromInterim: FieldSet = [.hopByHop, .requestID, .framing]
    private static let droppedForHTTP10: FieldSet = [.hopByHop, .requestID, .transferEncoding, .trailer]

    /// Whether payloads have to be taken out of their chunks, which HTTP/1.0 doesn't know.
    var decodesChunks: Bool { request.version == .http10 }

    /// The most that ``writeCommonFields(into:)`` and the end of a head take.
    private static let commonFieldsBytes = RequestIdentifier.maximumLength + 128

    private func writeCommonFields(into output: inout OutputRawSpan) {
        output.append("X-Request-Id: ")
        request.identifier.write(into: &output)
        if request.keepsAlive {
            output.append(loop.keepAliveFields)
        } else {
            output.append("\r\nConnection: close")
        }
        output.append("\r\n")
    }

    /// Empty, unless the operator wants it.
    private func timingLine(prefill: Int?) -> [UInt8] {
        loop.configuration.tellsServerTiming ? ServerTiming.line(waited: record.waited, prefill: prefill) : []
    }

    private func endHead(in buffer: inout ByteBuffer) {
        buffer.writeWithOutputRawSpan(minimumWritableBytes: Self.commonFieldsBytes) { output in
            writeCommonFields(into: &output)
            output.append("\r\n")
        }
    }

    private func releaseMessage() {
        guard let message = request.message?.bytes else { return }
        request.message = nil
        loop.spareBuffers.give(message)
        countHeldBytes()
    }

    /// The last byte of the answer is written.
    ///
    /// - Parameters:
    ///   - use: what it says of its tokens.
    ///   - status: of its head.
    func endAnswer(_ use: ReportedUsage?, status: Int) {
        guard let target = exchange.responseEnds() else { return }
        upstream = nil
        request.charge?.answered(use, status: status)
        giveBack(target, .answered, use: use)
        finishRequest(.answered)
    }

    /// The answer ended before its end. The client must be able to tell: nothing ends cleanly.
    ///
    /// - Parameters:
    ///   - cut: why.
    ///   - form: how it is told.
    func answerCut(_ cut: AnswerCut, _ form: ResponseRelay.CutForm) {
        guard let target = exchange.responseEnds() else { return }
        if request.charge != nil, let upstream { leftAnswer(of: upstream) }
        upstream = nil
        switch cut {
        case .brokenOff:
            loop.logger.warning("upstream broke off its answer", metadata: metadata(target))
            loop.pool(for: target.upstream, by: target.route).closeIdle()
        case .silent: loop.logger.warning("upstream stopped in the middle of its answer", metadata: metadata(target))
        case .shutdown: loop.logger.warning("answer cut by the shutdown", metadata: metadata(target))
        }
        giveBack(target, cut.outcome)
        if case .event(let inChunk) = form, let dialect = request.dialect {
            writePayload(ByteBuffer(bytes: ErrorBody(cut).inBandError(dialect)), inChunk: inChunk)
        }
        endRequest(.cut(cut.told))
        closeWhenWritten(form == .reset ? .reset : .linger)
    }

    /// - Parameter payload: not empty.
    func writePayload(_ payload: ByteBuffer, inChunk: Bool) {
        guard inChunk else { return write(payload) }
        var buffer = ByteBufferAllocator().buffer(capacity: payload.readableBytes + 12)
        buffer.writeString(String(payload.readableBytes, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeImmutableBuffer(payload)
        buffer.writeStaticString("\r\n")
        write(buffer)
    }

    // MARK: - A stream begun by us

    /// An event stream's head, so that comments can be sent until an upstream's answer can go on in it.
    func beginStream() {
        if decodesChunks || loop.stage != .serving { request.keepsAlive = false }
        request.hasOwnStart = true
        record.status = 200
        var buffer = ByteBufferAllocator().buffer(capacity: 256)
        buffer.writeStaticString("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n")
        // As llama-server's own: nginx, by default, would keep the comments until there are some kilobytes of them.
        buffer.writeStaticString("X-Accel-Buffering: no\r\n")
        buffer.writeBytes(loop.dateLine())
        writeAllowedOrigin(into: &buffer)
        buffer.writeBytes(budgetLines)
        if !decodesChunks { buffer.writeStaticString("Transfer-Encoding: chunked\r\n") }
        endHead(in: &buffer)
        write(buffer)
    }

    /// What the last event is followed by.
    var streamEnd: ByteBuffer {
        decodesChunks ? ByteBuffer() : ByteBuffer(staticString: "0\r\n\r\n")
    }

    /// Says as an event what an upstream gave as its whole answer: an error, as a rule.
    func writeAsEvent(status: Int, body: [UInt8]) {
        guard let dialect = request.dialect else { return }
        var event: [UInt8]
        if status < 400 {
            // A line that isn't marked as data would be none.
            event = body.split(separator: UInt8(ascii: "\n")).flatMap { Array("data: ".utf8) + $0 + Array("\n".utf8) }
            event += "\n".utf8
        } else {
            event = ErrorBody(status: status, body: body).inBandError(dialect)
        }
        writePayload(ByteBuffer(bytes: event), inChunk: !decodesChunks)
    }

    // MARK: - Answers of our own

    /// - Parameters:
    ///   - unread: a part of the request was not read, and won't be.
    ///   - outcome: what became of the attempt that is being made, if one is.
    func answer(_ answer: LocalAnswer, unread: Bool = false, afterAttempt outcome: Outcome = .failed) {
        if case .exchanging = link.phase, let release = exchange.isAnsweredHere(outcome) { carryOut(release) }
        guard hasRequest else { return }
        loop.metrics.ownAnswers[answer.status, default: 0] += 1
        if let refusal = answer.refusal { loop.refusals.add(refusal) }
        record.stopsWaiting(at: Instant(.now()))
        if !request.hasOwnStart { record.status = answer.status }
        if request.hasOwnStart {
            if let error = answer.error, let dialect = request.dialect {
                writePayload(ByteBuffer(bytes: error.inBandError(dialect)), inChunk: !decodesChunks)
            }
            if !decodesChunks { write(streamEnd) }
            return finishRequest(answer.outcome)
        }
        // The scheduler may have heard of a stop before this loop has.
        let isStopping = loop.stage != .serving || answer.outcome == .refused(.shuttingDown)
        if unread || isStopping { request.keepsAlive = false }
        var buffer = ByteBufferAllocator().buffer(capacity: 512)
        answer.writeHead(into: &buffer)
        if record.received != nil { buffer.writeBytes(timingLine(prefill: nil)) }
        buffer.writeBytes(loop.dateLine())
        writeAllowedOrigin(preflight: answer.isPreflight, into: &buffer)
        buffer.writeBytes(budgetLines(answer))
        if isStopping { writeAgain(into: &buffer) }
        endHead(in: &buffer)
        if request.method != .head { buffer.writeBytes(answer.body) }
        write(buffer)
        finishRequest(answer.outcome, unread: unread)
    }

    private func finishRequest(_ outcome: RequestOutcome, unread: Bool = false) {
        let keepsAlive = request.keepsAlive
        // Who did not ask for the end may be sending the next request.
        let ending: Ending = unread || !request.isLast ? .linger : .close
        endRequest(outcome)
        guard keepsAlive else { return closeWhenWritten(ending) }
        link.isAnswered(at: Instant(loop.sweptAt))
        resumeReading()
        process()
    }
}
