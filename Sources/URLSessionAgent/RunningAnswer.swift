import Agent
import Foundation
import PrintableText
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// An answer that has begun, and that is read while it comes.
struct RunningAnswer: Sendable {
    let status: Int
    private let task: URLSessionDataTask
    private let stream: AnswerStream
    private let all: AnswerStreams

    init(status: Int, task: URLSessionDataTask, stream: AnswerStream, all: AnswerStreams) {
        self.status = status
        self.task = task
        self.stream = stream
        self.all = all
    }

    var downlink: Downlink { Downlink(status: status, body: stream.pieces) }

    /// For how long nothing has come.
    var silence: Duration { stream.silence }

    /// Whoever reads gets this behind what has come.
    func end(throwing error: any Error) {
        all.end(task, throwing: error)
    }

    /// Nobody reads any more.
    func cancel() {
        all.end(task, throwing: TransportFailure.connection(.closed))
    }
}

/// What comes of one answer. Any thread may write and read.
final class AnswerStream: Sendable {
    let pieces: AsyncThrowingStream<[UInt8], any Error>
    private let feed: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private let lastHeard = Mutex(ContinuousClock.now)

    init() {
        (pieces, feed) = AsyncThrowingStream.makeStream()
    }

    var silence: Duration { lastHeard.withLock { .now - $0 } }

    func heard(_ piece: [UInt8]) {
        lastHeard.withLock { $0 = .now }
        feed.yield(piece)
    }

    /// - Parameter error: nil: it is whole.
    func finish(throwing error: (any Error)?) {
        feed.finish(throwing: error)
    }
}
