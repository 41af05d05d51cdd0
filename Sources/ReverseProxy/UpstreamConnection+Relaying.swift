// Hot path: `relay` runs for every chunk. Nothing here may allocate per chunk or wait.

import FleetMetrics
import HTTPFraming
import LlamaServer
import NIOCore
import RequestRecords
import Scheduling

// The body of an answer goes to its client.

extension UpstreamConnection {
    /// The head and what came with it: a small body goes out in the same write.
    func relay(_ start: ByteBuffer, _ body: ByteBuffer, to client: ClientConnection) {
        guard body.readableBytes > 0 || framer.isComplete else { return client.write(start) }
        guard body.readableBytes <= Self.smallBody, case .asItIs = passing else {
            client.write(start)
            return relay(body, to: client)
        }
        relay(body, behind: start, to: client)
    }

    /// In bytes.
    static let smallBody = 4096

    func relay(_ buffer: ByteBuffer, behind start: ByteBuffer? = nil, to client: ClientConnection) {
        guard case .asItIs = passing else { return relayPayload(buffer, to: client) }
        var buffer = buffer
        let count: Int
        let isComplete: Bool
        do {
            (count, isComplete) = try framer.advance(buffer.readableBytesUInt8Span)
        } catch {
            // Without its head, what is said of the cut would look like an answer's start.
            if let start { client.write(start) }
            return cut(client)
        }
        let hasLeftover = count < buffer.readableBytes
        var piece = buffer
        if hasLeftover {
            piece = buffer.readSlice(length: count) ?? ByteBuffer()
        }
        follow(piece, of: client)
        if var start {
            start.writeBuffer(&piece)
            piece = start
        }
        guard isComplete else { return client.write(piece) }
        finish(piece, for: client, reusable: head.keepsAlive && !hasLeftover)
    }

    /// In another form than it came in.
    private func relayPayload(_ buffer: ByteBuffer, to client: ClientConnection) {
        var offset = 0
        do {
            while true {
                switch try framer.next(buffer.readableBytesUInt8Span, from: offset) {
                case .data(let range):
                    offset = range.upperBound
                    if let piece = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) {
                        follow(piece, of: client)
                        guard pass(piece, to: client) else { return cut(client) }
                    }
                case .needMore:
                    return
                case .end(let end):
                    let reusable = head.keepsAlive && end == buffer.readableBytes
                    return finish(for: client, reusable: reusable)
                }
            }
        } catch {
            cut(client)
        }
    }

    /// The most of an answer that becomes a single event. Errors are far shorter.
    private static let longestEvent = 1 << 20

    /// - Returns: false when the answer is too long for its form: no part of it may be taken for the whole.
    private func pass(_ piece: ByteBuffer, to client: ClientConnection) -> Bool {
        switch passing {
        case .asItIs, .payload: client.write(piece)
        case .chunks: client.writePayload(piece, inChunk: true)
        case .event(var body):
            guard body.readableBytes + piece.readableBytes <= Self.longestEvent else { return false }
            passing = .asItIs
            body.writeImmutableBuffer(piece)
            passing = .event(body)
        }
        return true
    }

    /// The upstream has said all of its answer.
    func finish(for client: ClientConnection, reusable: Bool) {
        switch passing {
        case .asItIs, .payload:
            return finish(ByteBuffer(), for: client, reusable: reusable)
        case .chunks:
            break
        case .event(let body):
            client.writeAsEvent(status: head.status, body: body)
        }
        finish(client.streamEnd, for: client, reusable: reusable)
    }

    private func follow(_ piece: ByteBuffer, of client: ClientConnection) {
        if isEventStream { tail.append(piece) }
        guard isSlotAnswer else { return }
        if firstEventEnd == nil { answerTail.append(piece) } else { keepStart(piece) }
        guard isEventStream else { return }
        let events = eventCounter.count(piece)
        guard events > 0 else { return }
        guard awaitsFirstEvent else { return countTokens(events) }
        awaitsFirstEvent = false
        let now = NIODeadline.now()
        pool.metrics.timeToFirstToken.record(nanoseconds: client.timeSinceSent(at: now))
        client.record.firstToken = Instant(now)
        // Chats and messages begin with an event that has no token.
        countTokens(events - 1)
    }

    /// Anthropic's dialect says at a stream's start what its prompt cost.
    private func keepStart(_ piece: ByteBuffer) {
        guard let end = firstEventEnd?.find(in: piece.readableBytesUInt8Span) else { return answerTail.append(piece) }
        firstEventEnd = nil
        var rest = piece
        if let first = rest.readSlice(length: end) { answerTail.append(first) }
        answerTail.endFirstEvent()
        answerTail.append(rest)
    }

    private func countTokens(_ count: Int) {
        countedTokens += count
        pool.metrics.countGenerated(count)
    }

    /// What the answer says of its tokens corrects what was counted, at its end or where it is left.
    @discardableResult
    func settleTokens(of client: ClientConnection) -> ReportedUsage? {
        client.record.countedTokens = countedTokens
        guard isSlotAnswer, let usage = answerTail.usage ?? usageWithoutEnd else { return nil }
        pool.metrics.settle(
            TokenCounts(
                promptComputed: usage.promptComputed,
                promptCached: usage.promptCached,
                generated: usage.generated
            ),
            counted: countedTokens
        )
        client.record.usage = usage
        return usage
    }

    /// The prompt may be known, and what was counted is the best there is.
    private var usageWithoutEnd: ReportedUsage? {
        guard var usage = answerTail.start else { return nil }
        usage.generated = countedTokens
        return usage
    }

    private func record(_ client: ClientConnection, at now: NIODeadline) -> ReportedUsage? {
        pool.metrics.answerTime.record(nanoseconds: client.timeSinceSent(at: now))
        return settleTokens(of: client)
    }

    /// The answer is whole. Both sides are unlinked before the last write.
    func finish(_ last: ByteBuffer, for client: ClientConnection, reusable: Bool) {
        self.client = nil
        let now = NIODeadline.now()
        let use = record(client, at: now)
        let status = head.status
        head.reset()
        passing = .asItIs
        // The rest of a request that was answered before all of it was sent would go on in front of the next one.
        if reusable, !isRequestLarge || context?.hasUnsentBytes == false { becomeIdle(at: now) } else { close() }
        if last.readableBytes > 0 { client.write(last) }
        client.endAnswer(use, status: status)
    }

    /// The client has waited long enough for more of this answer.
    func cutShort(_ cut: AnswerCut) {
        guard let client, phase == .relaying else { return }
        self.cut(client, cut)
    }

    func cut(_ client: ClientConnection, _ cut: AnswerCut = .brokenOff) {
        let takesEvent = takesEvent
        pool.metrics.answersCut += 1
        abandon()
        client.answerCut(cut, takesEvent: takesEvent, framing: framing)
    }

    /// Whether an event of one's own may be said: between two events, and never within a Content-Length, which it would
    /// fill.
    private var takesEvent: Bool {
        if case .event = passing { return true }
        guard isEventStream else { return false }
        switch passing {
        case .asItIs: break
        case .payload, .chunks, .event: return tail.endsBetweenEvents
        }
        return switch framing {
        case .none, .length: false
        case .untilClose: tail.endsBetweenEvents
        case .chunked: framer.isBetweenChunks && tail.endsBetweenEventsInChunks
        }
    }

    /// - Returns: the framing in which the answer comes, if a comment may be put into it now.
    func framingForEvent() -> BodyFraming? {
        takesEvent && !framer.isComplete ? framing : nil
    }
}
