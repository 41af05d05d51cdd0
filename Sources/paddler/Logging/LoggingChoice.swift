import Logging

/// What is logged, and in which form.
struct LoggingChoice: Equatable {
    let level: LogLevel
    let format: LogFormat

    init(_ settings: Settings) throws(FlagValueError) {
        level = try settings.value(SharedSettings.logLevel)
        format = try settings.value(SharedSettings.logFormat)
    }

    /// Makes every logger of the process write in the chosen form. Once in a process's life.
    func start(label: String) -> Logger {
        let level = level.level
        switch format {
        case .text: LoggingSystem.bootstrap { _ in LineLogHandler(form: TextLogLine(), logLevel: level) }
        case .json: LoggingSystem.bootstrap { LineLogHandler(form: JSONLogLine(label: $0), logLevel: level) }
        }
        return Logger(label: label)
    }
}
