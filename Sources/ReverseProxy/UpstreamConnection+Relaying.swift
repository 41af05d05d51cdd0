// Hot path: `passOn` runs for every chunk. Nothing here may allocate per chunk or wait.

import FleetMetrics
import HTTPFraming
import LlamaServer
import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling

// The body of an answer goes to its client.

extension UpstreamConnection {
    /// The head and what came with it: a small body goes out in the same write.
    func passOn(_ start: ByteBuffer, _ body: ByteBuffer, to client: ClientConnection) {
        guard body.readableBytes > 0 || relay.isComplete else { return client.write(start) }
        guard body.readableBytes <= Self.smallBody, relay.form == .asItIs else {
            client.write(start)
            return passOn(body, to: client)
        }
        passOn(body, behind: start, to: client)
    }

    /// In bytes.
    static let smallBody = 4096

    func passOn(_ buffer: ByteBuffer, behind start: ByteBuffer? = nil, to client: ClientConnection) {
        guard relay.form == .asItIs else { return passOnPayload(buffer, to: client) }
        var buffer = buffer
        let count: Int
        let isComplete: Bool
        do {
            (count, isComplete) = try relay.pass(buffer.readableBytesUInt8Span)
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
        finish(piece, for: client, reusable: relay.keepsConnection(hasMore: hasLeftover))
    }

    /// In another form than it came in.
    private func passOnPayload(_ buffer: ByteBuffer, to client: ClientConnection) {
        var offset = 0
        do {
            while true {
                switch try relay.next(buffer.readableBytesUInt8Span, from: offset) {
                case .data(let range):
                    offset = range.upperBound
                    if let piece = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) {
                        follow(piece, of: client)
                        guard pass(piece, to: client) else { return cut(client) }
                    }
                case .needMore:
                    return
                case .end(let end):
                    let hasMore = end < buffer.readableBytes
                    return finish(for: client, reusable: relay.keepsConnection(hasMore: hasMore))
                }
            }
        } catch {
            cut(client)
        }
    }

    /// - Returns: false when the response is too long for its form: no part of it may be taken for the whole.
    private func pass(_ piece: ByteBuffer, to client: ClientConnection) -> Bool {
        switch relay.form {
        case .asItIs, .payload: client.write(piece)
        case .chunks: client.writePayload(piece, inChunk: true)
        case .event: return relay.keep(piece.readableBytesUInt8Span)
        }
        return true
    }

    /// The upstream has said all of its answer.
    func finish(for client: ClientConnection, reusable: Bool) {
        switch relay.form {
        case .asItIs, .payload:
            return finish(ByteBuffer(), for: client, reusable: reusable)
        case .chunks:
            break
        case .event:
            client.writeAsEvent(status: relay.status, body: relay.takeEvent())
        }
        finish(client.streamEnd, for: client, reusable: reusable)
    }

    private func follow(_ piece: ByteBuffer, of client: ClientConnection) {
        let heard = relay.follow(piece.readableBytesUInt8Span)
        if heard.isFirst {
            let now = NIODeadline.now()
            pool.metrics.timeToFirstToken.record(nanoseconds: client.timeSinceSent(at: now))
            client.record.firstToken = Instant(now)
        }
        if heard.tokens > 0 { pool.metrics.countGenerated(heard.tokens) }
    }

    /// What the response says of its tokens corrects what was counted, at its end or where it is left.
    @discardableResult
    func settleTokens(of client: ClientConnection) -> ReportedUsage? {
        client.record.countedTokens = relay.countedTokens
        guard let usage = relay.usage else { return nil }
        pool.metrics.settle(
            TokenCounts(
                promptComputed: usage.promptComputed,
                promptCached: usage.promptCached,
                generated: usage.generated
            ),
            counted: relay.countedTokens
        )
        client.record.usage = usage
        return usage
    }

    private func record(_ client: ClientConnection, at now: NIODeadline) -> ReportedUsage? {
        pool.metrics.answerTime.record(nanoseconds: client.timeSinceSent(at: now))
        return settleTokens(of: client)
    }

    /// The response is whole. Both sides are unlinked before the last write.
    func finish(_ last: ByteBuffer, for client: ClientConnection, reusable: Bool) {
        self.client = nil
        let now = NIODeadline.now()
        let use = record(client, at: now)
        let status = relay.status
        head.reset()
        // The rest of a request that was answered before all of it was sent would go on in front of the next one.
        if reusable, !isRequestLarge || context?.hasUnsentBytes == false {
            becomeIdle(at: now, mayBeClosing: relay.mayBeClosing)
        } else {
            link.isAbandoned()
            close()
        }
        if last.readableBytes > 0 { client.write(last) }
        client.endAnswer(use, status: status)
    }

    /// The client has waited long enough for more of this response.
    func cutShort(_ cut: AnswerCut) {
        guard let client, case .relaying = link.phase else { return }
        self.cut(client, cut)
    }

    func cut(_ client: ClientConnection, _ cut: AnswerCut = .brokenOff) {
        let form = relay.cutForm
        pool.metrics.answersCut += 1
        settleTokens(of: client)
        self.client = nil
        link.isAbandoned()
        close()
        client.answerCut(cut, form)
    }
}
