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
        let stream = AnswerStream()
        /// Until the answer has begun.
        var head: CheckedContinuation<Int, any Error>?
    }

    /// By the tasks' identifiers; as many as there are requests.
    private let entries = Mutex<[Int: Entry]>([:])

    /// Starts the task. Returns when its answer has begun.
    ///
    /// - Throws: ``TransportFailure``.
    func answer(to task: URLSessionDataTask) async throws -> RunningAnswer {
        let entry = Entry()
        let status = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { head in
                var entry = entry
                entry.head = head
                entries.withLock { $0[task.taskIdentifier] = entry }
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
        return RunningAnswer(status: status, task: task, stream: entry.stream)
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
