import FleetMetrics
import HTTPFraming
import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling

// What time brings: called twice a second.

extension ClientConnection {
    func timePassed(at now: NIODeadline) {
        endIfLate(at: now)
        // What an Envoy carries it can be told nothing before its answer, and how long that takes the Envoy sees.
        guard picked == nil else { return }
        if loop.configuration.tellsLoading { tellLoading(at: now) }
        keepAlive(at: now)
    }

    // MARK: - Limits

    private func endIfLate(at now: NIODeadline) {
        let timeouts = loop.configuration.timeouts
        // What a request holds while it comes in is not for those who never finish it.
        switch link.overdue(at: Instant(now), timeouts.ofClients) {
        case .request:
            guard hasUnsentBytes else {
                waitedInVain(for: .clientIdle)
                return abort()
            }
            // It has had no time for another request yet.
            link.isAnswered(at: Instant(now))
        case .head:
            waitedInVain(for: .requestHead)
            return refuseUnfinished(.headTooLate(after: timeouts.requestHead))
        case .body:
            waitedInVain(for: .requestBody)
            return refuseUnfinished(.bodyTooLate(after: timeouts.requestBody))
        case nil:
            break
        }
        switch link.phase {
        case .readingBody:
            let rate = loop.configuration.minimumBodyRate
            guard bodyPace.isTooSlow(at: now, for: rate, over: timeouts.requestBody) else { return }
            waitedInVain(for: .requestBody)
            return refuseUnfinished(.bodyTooSlow(bytesPerSecond: rate))
        case .exchanging:
            if endIfUpstreamIsLate(at: now) { return }
        case .idle, .readingHead, .closing, .lingering, .closed:
            break
        }
        if isWaiting, hasVanished(at: now) { return close() }
        guard takesNothing(at: now, for: timeouts.clientWrite) else { return }
        waitedInVain(for: .clientWrite)
        outcomeOfLeaving = .timedOut(.clientWrite)
        reset()
    }

    /// - Returns: false if the request goes on.
    private func endIfUpstreamIsLate(at now: NIODeadline) -> Bool {
        let timeouts = loop.configuration.timeouts
        func isOver(_ limit: Duration, since start: NIODeadline) -> Bool { now - start >= TimeAmount(limit) }

        switch exchange.state {
        case .awaitingResponse(let target):
            guard picked == nil, isOver(timeouts.firstByte, since: request.sentAt) else { return false }
            // As long as its server works, so may this request. Only for one that is late is that worth a lock.
            if let move = loop.dispatcher.lastMove(on: target.upstream),
                !isOver(timeouts.firstByte, since: move.deadline)
            {
                return false
            }
            waitedInVain(for: .firstByte)
            answer(.answerTooLate(after: timeouts.firstByte), afterAttempt: .timedOut)
            return true
        case .relaying:
            // While the client doesn't read, nor do we.
            guard isWritable, let upstream, isOver(timeouts.answerIdle, since: upstream.heardAt) else { return false }
            waitedInVain(for: .answer)
            upstream.cutShort(.silent(timeouts.answerIdle))
            return true
        case .deciding, .queued, .connecting:
            return false
        }
    }

    private var isWaiting: Bool {
        guard case .exchanging = link.phase else { return false }
        return switch exchange.state {
        case .queued, .connecting, .awaitingResponse, .relaying: true
        case .deciding: false
        }
    }

    func waitedInVain(for wait: Wait) {
        loop.metrics.timeouts[wait, default: 0] += 1
    }

    /// Whether the client has taken nothing of what waits for it for so long. One that takes a little now and then is slow,
    /// and gets all the time that it needs.
    ///
    /// What the system holds counts, too: it says that there is room again only when much of it is free, which to a slow client
    /// takes minutes.
    private func takesNothing(at now: NIODeadline, for limit: Duration) -> Bool {
        guard !isWritable || link.isBehindAnswer, let unsent = unsentBytes, unsent > 0 else {
            untaken = nil
            return false
        }
        let bytes = unsent + unacknowledgedBytes
        guard let untaken, untaken.bytes == bytes else {
            self.untaken = (bytes, now)
            return false
        }
        return now - untaken.since >= TimeAmount(limit)
    }

    // MARK: - Keeping silent streams alive

    private static let comment: StaticString = ": the request is in hand\n\n"

    private func keepAlive(at now: NIODeadline) {
        guard let pause = loop.configuration.keepAliveAfter, isWritable else { return }
        guard isWaiting else { return }
        let heardAt = relayed?.heardAt ?? request.submittedAt
        guard now - max(heardAt, request.keptAliveAt ?? heardAt) >= TimeAmount(pause) else { return }
        if let upstream = relayed {
            guard upstream.relay.takesComment else { return }
            request.keptAliveAt = now
            return writeComment(inChunk: upstream.relay.clientFraming == .chunked)
        }
        guard wantsStream(), request.hasOwnStart || knowsReader else { return }
        request.keptAliveAt = now
        if !request.hasOwnStart { beginStream() }
        writeComment(inChunk: !decodesChunks)
    }

    private func wantsStream() -> Bool {
        request.dialect != nil && request.message?.asksForStream() == true
    }

    func writeComment(inChunk: Bool) {
        loop.metrics.keepAlives += 1
        writePayload(ByteBuffer(staticString: Self.comment), inChunk: inChunk)
    }
}
