package import Logging

/// A level as journald counts it: what stands between `<` and `>` in front of a line (sd-daemon(3)).
package enum JournalPriority: Int {
    case critical = 2
    case error, warning, notice, info, debug

    package init(_ level: Logger.Level) {
        self =
            switch level {
            case .critical: .critical
            case .error: .error
            case .warning: .warning
            case .notice: .notice
            case .info: .info
            case .debug, .trace: .debug
            }
    }

    package var prefix: String { "<\(rawValue)>" }
}
