import FleetMetrics
import HTTPFraming
import NIOCore
import Scheduling

// What time brings: called twice a second.

extension ClientConnection {
    func timePassed(at now: NIODeadline) {
        endIfLate(at: now)
        keepAlive(at: now)
    }

    // MARK: - Limits

    private func endIfLate(at now: NIODeadline) {
        let timeouts = loop.configuration.timeouts
        func isOver(_ limit: Duration, since start: NIODeadline) -> Bool { now - start >= TimeAmount(limit) }

        switch state {
        case .readingHead:
            guard let owesSince else {
                guard isOver(timeouts.clientIdle, since: idleSince) else { return }
                waitedInVain(for: .clientIdle)
                return abort()
            }
            // What a request holds while it comes in is not for those who never finish it.
            guard isOver(timeouts.requestHead, since: owesSince) else { return }
            waitedInVain(for: .requestHead)
            return refuseUnfinished(.headTooLate(after: timeouts.requestHead))
        case .readingBody:
            guard let owesSince, isOver(timeouts.requestBody, since: owesSince) else { return }
            waitedInVain(for: .requestBody)
            return refuseUnfinished(.bodyTooLate(after: timeouts.requestBody))
        case .awaitingAnswer:
            guard let sentAt = request?.sentAt, isOver(timeouts.firstByte, since: sentAt) else { break }
            waitedInVain(for: .firstByte)
            return answer(.answerTooLate(after: timeouts.firstByte), afterAttempt: .timedOut)
        case .relaying(_, let upstream):
            // While the client doesn't read, nor do we.
            guard isWritable, isOver(timeouts.answerIdle, since: upstream.heardAt) else { break }
            waitedInVain(for: .answer)
            return upstream.cutShort(.silent(timeouts.answerIdle))
        case .submitting, .queued, .connecting, .closing, .lingering, .closed:
            break
        }
        guard takesNothing(at: now, for: timeouts.clientWrite) else { return }
        waitedInVain(for: .clientWrite)
        reset()
    }

    func waitedInVain(for wait: Wait) {
        loop.metrics.timeouts[wait, default: 0] += 1
    }

    /// Whether the client has taken nothing of what waits for it for so long. One that takes a little now and then is slow,
    /// and gets all the time that it needs.
    private func takesNothing(at now: NIODeadline, for limit: Duration) -> Bool {
        guard !isWritable || isEnding, let bytes = context?.unsentBytes, bytes > 0 else {
            untaken = nil
            return false
        }
        guard let untaken, untaken.bytes == bytes else {
            self.untaken = (bytes, now)
            return false
        }
        return now - untaken.since >= TimeAmount(limit)
    }

    private var isEnding: Bool {
        switch state {
        case .closing, .lingering: true
        case .readingHead, .readingBody, .submitting, .queued, .connecting, .awaitingAnswer, .relaying, .closed: false
        }
    }

    // MARK: - Keeping silent streams alive

    private static let comment: StaticString = ": the request is in hand\n\n"

    private func keepAlive(at now: NIODeadline) {
        guard let pause = loop.configuration.keepAliveAfter, isWritable, let request else { return }
        let heardAt: NIODeadline
        switch state {
        case .queued, .connecting, .awaitingAnswer: heardAt = request.submittedAt
        case .relaying(_, let upstream): heardAt = upstream.heardAt
        case .readingHead, .readingBody, .submitting, .closing, .lingering, .closed: return
        }
        guard now - max(heardAt, request.keptAliveAt ?? heardAt) >= TimeAmount(pause) else { return }
        if case .relaying(_, let upstream) = state {
            guard let framing = upstream.framingForEvent() else { return }
            self.request?.keptAliveAt = now
            return writeComment(inChunk: clientFraming(of: framing) == .chunked)
        }
        guard wantsStream(), request.hasOwnStart || knowsReader else { return }
        self.request?.keptAliveAt = now
        if !request.hasOwnStart { beginStream() }
        writeComment(inChunk: clientFraming(of: .none) == .chunked)
    }

    /// Looks into the body at most once, and only for a request that waits.
    private func wantsStream() -> Bool {
        if let known = request?.asksForStream { return known }
        let wants = request?.dialect != nil && request?.message?.asksForStream == true
        request?.asksForStream = wants
        return wants
    }

    private func writeComment(inChunk: Bool) {
        loop.metrics.keepAlives += 1
        writePayload(ByteBuffer(staticString: Self.comment), inChunk: inChunk)
    }
}
