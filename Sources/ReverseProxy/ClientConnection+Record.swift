import AccessControl
import FleetMetrics
import HTTPFraming
import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling

// What is told of a request when it has ended, and before.

extension ClientConnection {
    /// Its head has been read, and is still there.
    func beginRecord(_ identifier: RequestIdentifier) {
        startRecord(identifier)
        record.needsSlot = request.dialect != nil
        let source = received.bytes
        record.endpoint = loop.endpoints.text(of: head, in: source)
        record.requestBytes = head.length
        record.spokenProtocol = isStream ? .http2 : head.version == .http10 ? .http10 : .http11
        let parent = head.first(.traceParent).flatMap {
            TraceParent(source.readableBytesUInt8Span.extracting($0.value))
        }
        record.trace = parent?.trace
        if var course = loop.beginCourse(under: parent) {
            course.isSecure = isSecure
            record.course = course
            record.trace = course.trace
        }
        if peer.isTrustedProxy, let client = clientAddress, client != peer.address { record.client = "\(client)" }
    }

    /// Of a request whose head can't be read.
    func startRecord(_ identifier: RequestIdentifier) {
        let now = Instant(.now())
        record = RequestRecord(identifier.recorded, time: now.nanoseconds + loop.wallClockOffset, arrived: now)
        record.client = peer.name
        bytesWrittenBefore = bytesWritten
    }

    /// A request came without TLS, and was answered in front of it. It is told of as those are whose heads can't be read.
    func tellOfAnswerWithoutTLS(_ bytes: Int) {
        guard !hasRequest else { return }
        _ = loop.beginRequest()
        startRecord(loop.makeIdentifier())
        loop.metrics.ownAnswers[400, default: 0] += 1
        record.status = 400
        record.ends(.refused(Refusal.withoutTLS.told), at: Instant(.now()))
        record.answerBytes = bytes
        loop.endRequest(&record)
    }

    /// What is known of the request that is under way; nil: there is none.
    func recordUnderWay(at now: Instant) -> RequestRecord? {
        guard hasRequest, let stage else { return nil }
        var record = record
        record.stands(at: stage, now: now)
        record.answerBytes = bytesWritten - bytesWrittenBefore
        if let upstream = relayed { record.countedTokens = upstream.relay.countedTokens }
        if case .exchanging = link.phase, let lease = exchange.lease {
            record.choice = loop.dispatcher.choice(of: lease)
        }
        return record
    }

    /// Counts the request that is under way, if there is one, for its tenant.
    func stand(in standings: inout TenantStandings, at now: Instant) {
        guard hasRequest, let stage else { return }
        standings.add(record, at: stage, now: now)
    }

    /// Where the request is, if there is one.
    var stage: RequestOutcome.Stage? {
        switch link.phase {
        case .idle, .readingHead, .readingBody: .reading
        case .exchanging:
            switch exchange.state {
            case .queued: .queued
            case .connecting: .connecting
            // What several servers are asked together is waited for there.
            case .deciding, .awaitingResponse: .waiting
            case .relaying: .answering
            }
        case .closing, .lingering, .closed: nil
        }
    }
}

extension RequestIdentifier {
    fileprivate var recorded: RequestRecord.Identifier {
        switch self {
        case .made(let high, let low): .made(high, low)
        case .given(let value): .given(String(buffer: value))
        }
    }
}
