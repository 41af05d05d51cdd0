import ArgumentParser
import Logging

/// What is logged, and in which form. Everything goes to standard error.
struct LoggingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The least important lines to write.", valueName: "level"))
    var logLevel: LogLevel = .info

    @Option(help: ArgumentHelp("One line of text or one JSON object for each event.", valueName: "format"))
    var logFormat: LogFormat = .text

    /// Makes every logger of the process write in the chosen form. Once in a process's life.
    func start(label: String) -> Logger {
        let level = logLevel.level
        switch logFormat {
        case .text: LoggingSystem.bootstrap { _ in LineLogHandler(form: TextLogLine(), logLevel: level) }
        case .json: LoggingSystem.bootstrap { LineLogHandler(form: JSONLogLine(label: $0), logLevel: level) }
        }
        return Logger(label: label)
    }
}

enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
