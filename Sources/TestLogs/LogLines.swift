import Dispatch
public import Logging
import Synchronization

/// What was logged, for tests: of each line its level, its message, and its metadata by their names.
public final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    /// Once for each line.
    private let heard = DispatchSemaphore(value: 0)

    public init() {}

    public var all: [String] { lines.withLock { $0 } }

    /// Waits, on the thread that calls it, for one more line than was waited for before.
    public func waitForNext() {
        heard.wait()
    }

    /// The same, on no thread of the test's.
    public func next() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.waitForNext()
                continuation.resume()
            }
        }
    }

    public var logger: Logger {
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
            let metadata = (event.metadata ?? [:]).map { " \($0)=\($1)" }.sorted().joined()
            lines.lines.withLock { $0.append("\(event.level) \(event.message)\(metadata)") }
            lines.heard.signal()
        }
    }
}
