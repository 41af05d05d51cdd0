package import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What is logged, and in which form.
package struct LoggingChoice: Equatable {
    let level: LogLevel
    let format: LogFormat

    package init(level: LogLevel, format: LogFormat) {
        self.level = level
        self.format = format
    }

    /// Makes every logger of the process write in the chosen form. Once in a process's life.
    package func start(label: String) -> Logger {
        let level = level.level
        LogWriter.standardError.setNotice { [self] lost in notice(lost, label: label) }
        LoggingSystem.bootstrap { [self] in LineLogHandler(form: form(label: $0), logLevel: level) }
        return Logger(label: label)
    }

    private func form(label: String) -> any LogLine {
        switch format {
        case .text: TextLogLine()
        case .json: JSONLogLine(label: label)
        }
    }

    private func notice(_ lost: Int, label: String) -> String {
        let line = form(label: label).line(
            level: .warning,
            message: "lines of this log are missing here: nobody read it for a while",
            metadata: [("count", .stringConvertible(lost))],
            at: .now
        )
        return (JournalStream.isStandardError ? JournalPriority.warning.prefix : "") + line + "\n"
    }
}
