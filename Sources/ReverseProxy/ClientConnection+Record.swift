import AccessControl
import HTTPFraming
import NIOCore
import RequestRecords
import Scheduling

// What is told of a request when it has ended, and before.

extension ClientConnection {
    /// Its head has been read, and is still there.
    func beginRecord(_ identifier: RequestIdentifier) {
        startRecord(identifier)
        record.needsSlot = request?.dialect != nil
        let source = received.bytes
        record.endpoint = loop.endpoints.text(of: head, in: source)
        record.requestBytes = head.length
        let parent = head.first(.traceParent).flatMap {
            TraceParent(source.readableBytesUInt8Span.extracting($0.value))
        }
        record.trace = parent?.trace
        if var course = loop.beginCourse(under: parent) {
            course.isSecure = isSecure
            record.course = course
            record.trace = course.trace
        }
        if isTrustedProxy, let client = clientAddress, client != peer { record.client = "\(client)" }
    }

    /// Of a request whose head can't be read.
    func startRecord(_ identifier: RequestIdentifier) {
        let now = Instant(.now())
        record = RequestRecord(identifier.recorded, time: now.nanoseconds + loop.wallClockOffset, arrived: now)
        record.client = peerName
        bytesWrittenBefore = bytesWritten
    }

    /// What is known of the request that is under way; nil: there is none.
    func recordUnderWay(at now: Instant) -> RequestRecord? {
        guard request != nil, let stage else { return nil }
        var record = record
        record.stands(at: stage, now: now)
        record.answerBytes = bytesWritten - bytesWrittenBefore
        switch state {
        case .connecting(.slot(let lease), _), .awaitingAnswer(.slot(let lease), _):
            record.choice = loop.dispatcher.choice(of: lease)
        case .relaying(let target, let upstream):
            record.countedTokens = upstream.countedTokens
            if case .slot(let lease) = target { record.choice = loop.dispatcher.choice(of: lease) }
        case .readingHead, .readingBody, .submitting, .queued, .connecting, .awaitingAnswer, .closing, .lingering,
            .closed:
            break
        }
        return record
    }

    /// Counts the request that is under way, if there is one, for its tenant.
    func stand(in standings: inout TenantStandings, at now: Instant) {
        guard request != nil, let stage else { return }
        standings.add(record, at: stage, now: now)
    }

    /// Where the request is, if there is one.
    private var stage: RequestOutcome.Stage? { Self.stage(in: state) }

    static func stage(in state: State) -> RequestOutcome.Stage? {
        switch state {
        case .readingHead, .readingBody: .reading
        case .queued: .queued
        case .connecting: .connecting
        // What several servers are asked together is waited for there.
        case .submitting, .awaitingAnswer: .waiting
        case .relaying: .answering
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
