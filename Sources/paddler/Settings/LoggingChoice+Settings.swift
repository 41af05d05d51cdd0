import LogLines

extension LoggingChoice {
    init(_ settings: Settings) throws(FlagValueError) {
        self.init(
            level: try settings.value(SharedSettings.logLevel),
            format: try settings.value(SharedSettings.logFormat)
        )
    }
}
