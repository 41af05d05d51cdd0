import Logging
import Synchronization

/// A log that a test reads.
final class RecordingLog: Sendable {
    private let lines = Mutex<[String]>([])
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(log: self) }
    }

    /// All until now: message and values, in the order of their keys.
    var all: [String] { lines.withLock { $0 } }

    /// Waits for the next line; one test may wait at a time.
    func next() async -> String? {
        await stream.first { _ in true }
    }

    private struct Handler: LogHandler {
        let log: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.value)" }
            let line = (["\(event.message)"] + values).joined(separator: " | ")
            log.lines.withLock { $0.append(line) }
            log.continuation.yield(line)
        }
    }
}
