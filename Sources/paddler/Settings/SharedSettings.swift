/// What every long-running command has.
enum SharedSettings {
    static let logLevel = Setting(
        choice: "log-level",
        "level",
        "The least important lines to write.",
        default: LogLevel.info,
        synonyms: ["warn": .warning]
    )
    static let logFormat = Setting(
        choice: "log-format",
        "format",
        "One line of text or one JSON object for each event.",
        default: LogFormat.text
    )

    static let logging: [any AnySetting] = [logLevel, logFormat]
}
