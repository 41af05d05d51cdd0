import Agent
import Foundation
import PrintableText
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Hands what a session hears of its tasks to those who wait for it.
final class AnswerStreams: NSObject, URLSessionDataDelegate, Sendable {
    private struct Entry {
        let stream: AnswerStream
        /// Until the answer has begun.
        var head: CheckedContinuation<Int, any Error>?
    }

    /// By the tasks' identifiers; as many as there are requests.
    private let entries = Mutex<[Int: Entry]>([:])

    /// Starts the task. Returns when its answer has begun.
    ///
    /// - Throws: ``TransportFailure``.
    func answer(to task: URLSessionDataTask) async throws -> RunningAnswer {
        let stream = AnswerStream()
        let status = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { head in
                let isCancelled = entries.withLock { entries in
                    if Task.isCancelled { return true }
                    entries[task.taskIdentifier] = Entry(stream: stream, head: head)
                    return false
                }
                // A task that was cancelled before it began may never say that it has ended.
                if isCancelled { head.resume(throwing: CancellationError()) } else { task.resume() }
            }
        } onCancel: {
            end(task, throwing: TransportFailure.connection(.closed))
        }
        return RunningAnswer(status: status, task: task, stream: stream, all: self)
    }

    /// Whoever waits for the answer, or reads it, gets this, behind what has come: at once, whatever becomes of the task.
    func end(_ task: URLSessionTask, throwing error: any Error) {
        let entry = entries.withLock { $0.removeValue(forKey: task.taskIdentifier) }
        entry?.head?.resume(throwing: error)
        entry?.stream.finish(throwing: error)
        task.cancel()
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        if let status = (response as? HTTPURLResponse)?.statusCode, status >= 200 {
            let head = entries.withLock { $0[dataTask.taskIdentifier]?.head.take() }
            head?.resume(returning: status)
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        entries.withLock { $0[dataTask.taskIdentifier]?.stream }?.heard(Array(data))
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let entry = entries.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
        let failure = error.map { TransportFailure($0, asking: task.originalRequest?.url?.host) }
        entry.head?.resume(throwing: failure ?? .connection(.closed))
        entry.stream.finish(throwing: failure)
    }

    /// An answer that leads elsewhere is the answer.
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
