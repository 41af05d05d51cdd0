import ArgumentParser

/// What is logged, and in which form. Everything goes to standard error.
struct LoggingFlags: SettingFlags {
    @Option(SharedSettings.logLevel)
    var logLevel: GivenText?

    @Option(SharedSettings.logFormat)
    var logFormat: GivenText?
}
