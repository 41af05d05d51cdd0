import Dispatch
import Logging
import Synchronization

/// What was logged, each line with its metadata.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    /// Once for each line.
    private let heard = DispatchSemaphore(value: 0)

    var all: [String] { lines.withLock { $0 } }

    /// Waits, on the thread that calls it, for one more line than was waited for before.
    func waitForNext() {
        heard.wait()
    }

    /// The same, on no thread of the test's.
    func next() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.waitForNext()
                continuation.resume()
            }
        }
    }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
            lines.heard.signal()
        }
    }
}
