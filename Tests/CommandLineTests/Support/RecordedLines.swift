import Logging
import Synchronization

@testable import LogLines
@testable import paddler

/// What a logger wrote as text.
final class RecordedLines: Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger {
        let writer = LogWriter { [self] line in
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        self.writer.withLock { $0 = writer }
        return Logger(label: "test") { _ in
            LineLogHandler(form: TextLogLine(), logLevel: .info, marksPriority: false, writer: writer)
        }
    }

    private let writer = Mutex<LogWriter?>(nil)

    var all: [String] {
        writer.withLock { $0 }?.flush()
        return lines.withLock { $0 }
    }
}
