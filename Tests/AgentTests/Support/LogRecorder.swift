import Logging
import Synchronization

/// Keeps what is logged: `level message key=value …`, for as long as it is asked for.
final class LogRecorder: Sendable {
    private let lines: AsyncStream<String>
    private let feed: AsyncStream<String>.Continuation

    init() {
        (lines, feed) = AsyncStream.makeStream()
    }

    var logger: Logger {
        let feed = feed
        return Logger(label: "test") { _ in Handler(feed: feed) }
    }

    /// Waits for a line with the text.
    func line(containing text: String) async -> String? {
        for await line in lines where line.contains(text) { return line }
        return nil
    }

    private struct Handler: LogHandler {
        let feed: AsyncStream<String>.Continuation
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, own in own }.sorted { $0.key < $1.key }
            let pairs = all.map { " \($0.key)=\($0.value)" }.joined()
            feed.yield("\(event.level) \(event.message)\(pairs)")
        }
    }
}
